import { BadRequestException, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import type { LimitScope } from '@rookery/pacing';
import {
  broadcastId,
  groupId,
  isDecimalId,
  nodeId,
  poolName,
  selfId,
  type BroadcastId,
  type GroupId,
  type NodeId,
  type PoolName,
  type SelfId,
} from '@rookery/protocol';
import { parseScope } from '@rookery/redis';

/** Values of a request, checked before anything is done with them: what passes is fit for keys and logs. */
export class AccountParam implements PipeTransform<unknown, SelfId> {
  transform(value: unknown): SelfId {
    if (typeof value === 'string' && isDecimalId(value) && value !== '0') return selfId(value);
    throw new BadRequestException('the account must be a QQ number');
  }
}

export class PoolParam implements PipeTransform<unknown, PoolName> {
  transform(value: unknown): PoolName {
    try {
      return poolName(String(value));
    } catch {
      throw new BadRequestException('the pool must be the name of one, for example default');
    }
  }
}

export class GroupParam implements PipeTransform<unknown, GroupId> {
  transform(value: unknown): GroupId {
    if (typeof value === 'string' && isDecimalId(value) && value !== '0') return groupId(value);
    throw new BadRequestException('the group must be a group number');
  }
}

export class NodeParam implements PipeTransform<unknown, NodeId> {
  transform(value: unknown): NodeId {
    try {
      return nodeId(String(value));
    } catch {
      throw new BadRequestException('the node must be a name as /api/nodes shows it');
    }
  }
}

export class BroadcastParam implements PipeTransform<unknown, BroadcastId> {
  transform(value: unknown): BroadcastId {
    try {
      return broadcastId(String(value));
    } catch {
      throw new BadRequestException('the broadcast must be an id as /api/broadcasts shows it');
    }
  }
}

/** `global`, `pool:<name>`, `account:<number>` or `conversation:<key>`. */
export class ScopeParam implements PipeTransform<unknown, LimitScope> {
  transform(value: unknown): LimitScope {
    return parseScope(String(value));
  }
}

/** `If-Match: "12"`: the version of the account that the caller saw; absent when it does not care. */
export class SeenVersion implements PipeTransform<unknown, number | undefined> {
  transform(value: unknown): number | undefined {
    if (value === undefined) return undefined;
    const version = typeof value === 'string' ? /^"(\d{1,15})"$/.exec(value)?.[1] : undefined;
    if (version !== undefined) return Number(version);
    throw new BadRequestException('If-Match must be the ETag of the account, for example "12"');
  }
}

/** A query parameter that is a whole number, such as a page size. */
export class CountQuery implements PipeTransform<unknown, number> {
  constructor(
    private readonly name: string,
    private readonly max: number,
  ) {}

  transform(value: unknown): number {
    if (value === undefined) return this.max;
    const count = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : 0;
    if (count >= 1 && count <= this.max) return count;
    throw new BadRequestException(`${this.name} must be a whole number from 1 to ${this.max}`);
  }
}

const moveBody = z.strictObject({ node: z.string().nullable() });

/** `{ "node": "connector-…" }`, or null for wherever the cluster wants it. */
export function moveTarget(body: unknown): NodeId | null {
  const parsed = moveBody.safeParse(body);
  if (!parsed.success) throw new BadRequestException('the body must be { "node": <name> } or { "node": null }');
  return parsed.data.node === null ? null : new NodeParam().transform(parsed.data.node);
}

const assigneeBody = z.strictObject({ account: z.string() });

/** `{ "account": "10001" }`: who is to answer. */
export function assignee(body: unknown): SelfId {
  const parsed = assigneeBody.safeParse(body);
  if (!parsed.success) throw new BadRequestException('the body must be { "account": "<QQ number>" }');
  return new AccountParam().transform(parsed.data.account);
}
