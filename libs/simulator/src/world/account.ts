import { MessageIds } from './message-ids';

/** One JSON object on the wire. */
export type Frame = Readonly<Record<string, unknown>>;
/** `messagePostFormat` of a NapCat network entry. */
export type MessageFormat = 'array' | 'string';

/** Where an account's frames go: its NapCat. Frames are made only when somebody listens. */
export interface FrameSink {
  /** `own` frames are the account's own messages (`message_sent`), which NapCat reports only on request. */
  deliver(make: (format: MessageFormat) => Frame, own: boolean): void;
}

/** One of the QQ accounts that the cluster under test runs. */
export class Account {
  /** QQ's view of the login: false after a kick. */
  online = true;
  sink: FrameSink | undefined;
  readonly ids: MessageIds;
  /** Groups the account is in, by id. */
  readonly groups = new Set<string>();
  readonly friends = new Set<string>();

  constructor(
    readonly self: string,
    public nickname: string,
  ) {
    this.ids = new MessageIds(self);
  }
}
