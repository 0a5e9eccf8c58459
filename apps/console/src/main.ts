import 'reflect-metadata';
import { runService } from '@rookery/service';
import { ConsoleModule } from './console.module';

void runService('console', ['redis'], () => ConsoleModule.create());
