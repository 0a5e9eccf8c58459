import {
  channels,
  makeRequest,
  parseAnswer,
  RookeryError,
  SECOND,
  type Answer,
  type Ask,
  type NodeId,
  type RequestName,
} from '@rookery/protocol';
import type { ControlChannel } from '../control-channel';

/** A node that is alive answers within milliseconds; one that is busy may take a garbage collection longer. */
const DEADLINE_MS = 3 * SECOND;

/** Asks nodes by name, typed by the catalogue of requests. */
export class ControlClient {
  constructor(
    private readonly channel: Pick<ControlChannel, 'ask' | 'emit'>,
    private readonly deadlineMs: number = DEADLINE_MS,
  ) {}

  /** Rejects with NODE_SILENT, or with the error that the node answered. */
  async ask<Name extends RequestName>(node: NodeId, name: Name, ask: Ask<Name>): Promise<Answer<Name>> {
    let reply: unknown;
    try {
      reply = await this.channel.ask(channels.control(node), makeRequest(name, ask), this.deadlineMs);
    } catch (cause) {
      if (!(cause instanceof RookeryError) || cause.code !== 'NODE_SILENT') throw cause;
      const text = `${node} did not answer ${name} within ${this.deadlineMs / SECOND} s; look at its health and its log`;
      throw new RookeryError('NODE_SILENT', text, { cause });
    }
    return parseAnswer(name, reply);
  }

  /** Tells every node that the account registry has changed. */
  accountsChanged(version: number): void {
    this.channel.emit(channels.accountsChanged, { v: 1, version });
  }
}
