import 'reflect-metadata';
import { runService } from '@rookery/service';
import { WorkerModule } from './worker.module';

void runService('worker', ['consume'], () => WorkerModule.create());
