import { EventEmitter } from 'node:events';

/** One call of an action that has an effect outside NapCat, in the order in which NapCat carried it out. */
export interface SentRecord {
  readonly self: string;
  /** Action name without suffix. */
  readonly action: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** World time, milliseconds since 1970, at which the effect took place. */
  readonly at: number;
  /** Connection of the account over which the request came; counts up over the whole host. */
  readonly connection: number;
  readonly echo: unknown;
  /** Of sent messages only. */
  readonly messageId?: number;
  readonly seq?: string;
  readonly groupId?: string;
  readonly userId?: string;
  /** Plain form (`raw_message`) of a sent message. */
  readonly text?: string;
}

/** Something in a request that a correct client never does, whether NapCat tolerates it or not. */
export interface Violation {
  readonly self: string;
  readonly at: number;
  /** What was wrong, for people. */
  readonly text: string;
  /** The frame, cut to 200 characters. */
  readonly sample: string;
}

export interface SentFilter {
  readonly self?: string;
  readonly group?: string;
  readonly user?: string;
  readonly action?: string;
}

interface AuditEvents {
  sent: [SentRecord];
  violated: [Violation];
}

/** Records kept; a soak test that sends more reads the newest and {@link Audit.sentTotal}. */
const KEPT = 200_000;

/** What the accounts did and what they should not have done. Tests judge the cluster by it. */
export class Audit extends EventEmitter<AuditEvents> {
  private records: SentRecord[] = [];
  /** Empty as long as the client behaves; tests assert that. */
  readonly violations: Violation[] = [];
  /** All records ever, also those no longer kept. */
  sentTotal = 0;

  record(record: SentRecord): void {
    this.records.push(record);
    this.sentTotal += 1;
    if (this.records.length > KEPT * 1.1) this.records = this.records.slice(-KEPT);
    this.emit('sent', record);
  }

  violate(violation: Violation): void {
    if (this.violations.length < KEPT) this.violations.push(violation);
    this.emit('violated', violation);
  }

  sent(filter: SentFilter = {}): SentRecord[] {
    return this.records.filter(
      (record) =>
        (filter.self === undefined || record.self === filter.self) &&
        (filter.group === undefined || record.groupId === filter.group) &&
        (filter.user === undefined || record.userId === filter.user) &&
        (filter.action === undefined || record.action === filter.action),
    );
  }
}
