import type { SelfId } from '@rookery/protocol';
import type { WhyControl } from '@rookery/service';
import type { CommandContext, CommandOptions } from './account-commands';
import { whyText } from './why-text';

/** What waits for an account of a running cluster, and why. */
export class WhyCommands {
  constructor(
    private readonly control: WhyControl,
    private readonly context: CommandContext,
  ) {}

  async show(self: SelfId, { json }: CommandOptions): Promise<number> {
    const found = await this.control.why(self);
    this.context.print(json ? `${JSON.stringify(found)}\n` : whyText(found));
    return 0;
  }
}
