import { spokenText, type Fleet, type Said } from '@rookery/simulator';
import type { Logger } from '@rookery/telemetry';

/** A later answer than this is not put down to the message before it. Milliseconds. */
const ANSWER_WINDOW_MS = 60_000;

/** Counts, and one log line per message: what people say, and, marked by an arrow, what our accounts answer. */
export class Story {
  said = 0;
  answered = 0;
  private readonly lastSaidAt = new Map<string, number>();

  constructor(
    private readonly fleet: Fleet,
    private readonly logger: Logger,
  ) {
    fleet.world.on('said', (said) => {
      if (fleet.world.directory.accounts.has(said.userId)) this.tellAnswer(said);
      else this.tellSaid(said);
    });
  }

  private tellSaid(said: Said): void {
    const { directory } = this.fleet.world;
    this.said += 1;
    this.lastSaidAt.set(said.chat.key, this.fleet.world.now());
    const speaker = directory.nickname(said.userId);
    this.logger.info({ seq: said.seq }, `${this.place(said)} | ${speaker}: ${spokenText(directory, said)}`);
  }

  private tellAnswer(said: Said): void {
    const { world } = this.fleet;
    this.answered += 1;
    const latencyMs = world.now() - (this.lastSaidAt.get(said.chat.key) ?? 0);
    const speaker = `${world.directory.nickname(said.userId)} (${said.userId})`;
    this.logger.info(
      { account: said.userId, seq: said.seq, ...(latencyMs <= ANSWER_WINDOW_MS && { latencyMs }) },
      `${this.place(said)} | ${speaker} → ${spokenText(world.directory, said)}`,
    );
  }

  private place({ chat }: Said): string {
    const { directory } = this.fleet.world;
    if (chat.scene.kind === 'group') return directory.group(chat.scene.groupId).name;
    return chat.scene.between.map((userId) => directory.nickname(userId)).join(' & ');
  }
}
