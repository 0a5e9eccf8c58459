import 'reflect-metadata';
import { runService } from '@rookery/service';
import { ConnectorModule } from './connector.module';

void runService('connector', ['links'], () => ConnectorModule.create());
