import { Command } from 'commander';
import { loadConfig, readEnvironment } from '@rookery/config';
import { traceIdOf } from '@rookery/otlp';
import { eventId } from '@rookery/protocol';
import { connectRedis, TraceLog } from '@rookery/redis';
import { clusterRedisUrl } from '../cluster/cluster-redis';
import { traceText } from '../cluster/trace-text';
import { CommandFailure } from '../failure';

/** Latest events that are listed when none is named. */
const LATEST = 20;

/** `rookery trace`: what became of one event, from the socket to the answer. */
export function traceCommand(): Command {
  return new Command('trace')
    .argument(
      '[event]',
      'the id of an event; logs and dead letters have it. Without one: the last that were traced / 事件 id',
    )
    .description(
      'The way of one message with times, from the socket to the answer.\n一条消息从收到到回复的全过程和时间。',
    )
    .option('--json', 'print JSON / 输出 JSON')
    .action(async (id: string | undefined, options: { json?: boolean }) => {
      const env = readEnvironment();
      const config = loadConfig(env);
      const redis = await connectRedis(await clusterRedisUrl(env, config), 'producer', 'rookery-cli', () => undefined);
      try {
        const log = new TraceLog(redis);
        const format = {
          json: options.json === true,
          isExported: config.telemetry.otlp !== undefined,
        };
        process.stdout.write(id === undefined ? await latest(log) : await one(log, id, format));
      } finally {
        redis.disconnect();
      }
    });
}

async function latest(log: TraceLog): Promise<string> {
  const events = await log.latest(LATEST);
  return events.length === 0 ? 'nothing was traced yet / 还没有记录\n' : `${events.join('\n')}\n`;
}

interface Format {
  readonly json: boolean;
  /** Spans go to OpenTelemetry too. */
  readonly isExported: boolean;
}

async function one(log: TraceLog, id: string, { json, isExported }: Format): Promise<string> {
  if (!/^[\x21-\x39\x3b-\x7e]{1,200}$/.test(id))
    throw new CommandFailure(`${JSON.stringify(id)} is no id of an event\n这不是事件 id。`);
  const event = eventId(id);
  const records = await log.find(event);
  if (records.length === 0) {
    throw new CommandFailure(
      `nothing is known of event ${id}: it is too old, was not seen, or was over \`trace.perSecond\` of rookery.yaml\n` +
        '没有该事件的记录：时间太久、未收到，或超过了 `trace.perSecond`。',
    );
  }
  if (json) return `${JSON.stringify(records)}\n`;
  return traceText(event, records, isExported ? traceIdOf(event) : undefined);
}
