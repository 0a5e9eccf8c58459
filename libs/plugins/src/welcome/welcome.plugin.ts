import { at, BotPlugin, forGroupAdmins, On, type NoticeContext } from '@rookery/plugin-kit';
import type { Segment } from '@rookery/protocol';
import { z } from 'zod';
import { filled } from '../filled';

const text = forGroupAdmins(z.string().max(500).default(''));

/** Empty texts say nothing, which is the default: a bot does not greet unasked. */
export const WelcomeConfig = z.object({
  /** Said to who has joined. */
  join: text,
  /** Said about who has left or was removed. */
  leave: text,
});

@BotPlugin({ id: 'welcome', title: { zh: '进群与退群', en: 'Welcome' }, config: WelcomeConfig })
export class WelcomePlugin {
  @On('notice.group_increase')
  joined(c: NoticeContext<'group_increase'>): readonly Segment[] | undefined {
    return said(c, c.config(WelcomeConfig).join);
  }

  @On('notice.group_decrease')
  left(c: NoticeContext<'group_decrease'>): readonly Segment[] | undefined {
    return said(c, c.config(WelcomeConfig).leave);
  }
}

/** Nothing is said about the account itself: it has just come, or is not there any more. */
function said({ event }: NoticeContext, template: string): readonly Segment[] | undefined {
  const { userId: user, groupId = '', operatorId = '', self } = event;
  if (template === '' || user === undefined || user === (self as string)) return undefined;
  return filled(template, { at: at(user), user, group: groupId, operator: operatorId });
}
