/**
 * How every process of the cluster starts, is probed, talks to others and ends. The one library that knows Nest, so that the
 * apps' modules hold nothing but the joining of their parts. May import protocol, config, redis and telemetry.
 */
export { ControlChannel } from './control-channel';
export { runService } from './run-service';
export { Service } from './service';
