import type { Random } from '@rookery/protocol';

/**
 * How long NapCat takes for an action, milliseconds: sends wait for QQ's report, histories read a database, most reads
 * come from memory. Not measured; the point is that they differ, so that replies overtake each other.
 */
export function naturalCost(random: Random): (action: string) => number {
  return (action) => {
    if (/^(send_|upload_|forward_)/.test(action)) return 5 + random() * 20;
    return /history|_list$/.test(action) ? 2 + random() * 8 : 0;
  };
}
