import { hostname } from 'node:os';
import {
  channels,
  makeAnswer,
  makeRefusal,
  parseRequest,
  RookeryError,
  toError,
  type Answer,
  type AppName,
  type Ask,
  type NodeInfo,
  type RequestHandlers,
  type RequestName,
} from '@rookery/protocol';
import type { ControlChannel } from '../control-channel';
import type { Service } from '../service';
import { version } from '../version';

/** What every process answers in the same way. */
type NodeRequest = Extract<RequestName, `node.${string}`>;

export interface NodeHandlersOptions {
  /** How many accounts this node holds now. */
  readonly accounts: () => number;
  /** Begins the end of the process; what it holds is handed over. */
  readonly drain: () => void;
}

/** Ends this process as SIGTERM does: whatever runs on SIGTERM is the drain. */
export const drainThisProcess = (): void => void process.kill(process.pid, 'SIGTERM');

/** The same for a process that is past mending: it exits with 1, so that whoever keeps it running starts a new one. */
export const failThisProcess = (): void => {
  process.exitCode = 1;
  drainThisProcess();
};

/** Answers the requests of this node's app. `handlers` has those that are not the same in every process. */
export function answerRequests<App extends AppName>(
  service: Service,
  channel: Pick<ControlChannel, 'answer'>,
  handlers: Omit<RequestHandlers<App>, NodeRequest>,
  options: NodeHandlersOptions,
): void {
  const table = { ...nodeHandlers(service, options), ...handlers } as Readonly<Record<string, unknown>>;
  const { app, node } = service;
  channel.answer(channels.control(node), async (data) => {
    const request = parseRequest(app, data);
    if (!request.ok) {
      const { problem, message } = request;
      service.metrics.count('rookery_control_refused_total', { reason: problem });
      service.noise.pass(`control:${problem}`, (suppressed) =>
        service.log.warn({ reason: problem, suppressed }, `a control message was not accepted: ${message}`),
      );
      return makeRefusal('ENVELOPE_INVALID', `${node}: ${message}`);
    }
    const { name, ask } = request;
    try {
      // The catalogue ties name, ask and answer together; a table indexed by a union cannot express that.
      const handle = table[name] as (ask: Ask<RequestName>) => Answer<RequestName> | Promise<Answer<RequestName>>;
      const answer = await handle(ask);
      service.log.debug({ request: name }, 'control request answered');
      return makeAnswer(answer);
    } catch (thrown) {
      const error = toError(thrown);
      const code = error instanceof RookeryError ? error.code : 'INTERNAL';
      service.metrics.count('rookery_control_refused_total', { reason: 'failed' });
      service.log.warn({ request: name, code, ...(code === 'INTERNAL' && { stack: error.stack }) }, error.message);
      return makeRefusal(code, code === 'INTERNAL' ? `${node} failed at ${name}; its log says why` : error.message);
    }
  });
}

function nodeHandlers(service: Service, options: NodeHandlersOptions): Pick<RequestHandlers<'connector'>, NodeRequest> {
  const startedAt = service.clock.now();
  return {
    'node.info': (): NodeInfo => ({
      node: service.node,
      app: service.app,
      version,
      pid: process.pid,
      host: hostname(),
      startedAt,
      accounts: options.accounts(),
      ready: service.health.isReady,
      problems: Object.entries(service.health.problems).map(([part, reason]) => `${part}: ${reason}`),
      logLevel: service.logLevel,
    }),
    'node.drain': () => {
      service.log.info('asked to drain');
      setImmediate(options.drain);
      return { accepted: true };
    },
    'node.logLevel': ({ level }) => {
      const before = service.logLevel;
      service.setLogLevel(level);
      service.log.info({ before, level }, 'log level changed on request');
      return { before };
    },
  };
}
