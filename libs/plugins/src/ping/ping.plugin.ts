import { BotPlugin, Command, type MessageContext } from '@rookery/plugin-kit';
import { isText, type MessageLike, type Segment } from '@rookery/protocol';

@BotPlugin({ id: 'ping', title: { zh: '连通测试', en: 'Ping' } })
export class PingPlugin {
  @Command('ping [text...]', {
    summary: { zh: '原样回应文字，测试是否在线', en: 'Says the text back: is the bot alive?' },
  })
  ping({ rest, quotation }: MessageContext): MessageLike {
    const [first, ...others] = rest.map(echo);
    if (!first) return [...quotation, 'pong'];
    const begin = isText(first) ? [`pong ${first.data.text}`] : ['pong ', first];
    return [...quotation, ...begin, ...others];
  }
}

/**
 * Text and faces go back as they came. Anything else is named instead: a mention would let anybody make the bot call people,
 * and handles of received files are good only where they were received.
 */
function echo(segment: Segment): Segment {
  if (isText(segment)) return segment;
  if (segment.type === 'face') return { type: 'face', data: { id: segment.data['id'] } };
  return { type: 'text', data: { text: `[${segment.type}]` } };
}
