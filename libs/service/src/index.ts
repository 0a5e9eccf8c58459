/**
 * How every process of the cluster starts, is probed, talks to others and ends. The one library that knows Nest, so that the
 * apps' modules hold nothing but the joining of their parts. May import protocol, config, redis and telemetry.
 */
export { answerRequests, drainThisProcess, failThisProcess } from './control/answer-requests';
export { AssignmentControl, type AssignedPlace, type Assignment } from './control/assignment-control';
export { BroadcastControl } from './control/broadcast-control';
export { ClusterControl, viewAccounts, type AccountView, type NodeView } from './control/cluster-control';
export { connectClusterControl } from './control/connect-cluster-control';
export { LimitControl, type SaidLimits } from './control/limit-control';
export { WhyControl, type AccountWhy, type WaitReason } from './control/why-control';
export { ControlClient } from './control/control-client';
export { ControlChannel } from './control-channel';
export { borne } from './bearer';
export { createHttpApplication } from './http-application';
export { joinCluster } from './join-cluster';
export { measureRedis } from './measure-redis';
export { observeLeases } from './observe-leases';
export { ResultSender } from './result-sender';
export { runService } from './run-service';
export { Service } from './service';
export { version } from './version';
export { openTraceBook, TraceBook } from './trace-book';
