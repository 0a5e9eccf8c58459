import { BotPlugin, Command, face, image, music, record, share, text, type MessageContext } from '@rookery/plugin-kit';
import type { MessageLike } from '@rookery/protocol';

/**
 * Sends each kind of segment. What people type is text; only the sub-command that names a kind makes a segment of it, and files
 * and addresses pass the rules for outgoing media like any other.
 */
@BotPlugin({ id: 'echo', title: { zh: '复读与消息类型', en: 'Echo' } })
export class EchoPlugin {
  @Command('echo text <said:text...>', { summary: { zh: '原样说出文字', en: 'Says the text' } })
  text(_: MessageContext, { said }: { said: string }): MessageLike {
    return text(said);
  }

  @Command('echo image <address>', { summary: { zh: '发送网络图片', en: 'Sends a picture by its address' } })
  image(_: MessageContext, { address }: { address: string }): MessageLike {
    return image(address);
  }

  @Command('echo face <id:int(0..10000)>', { summary: { zh: '发送 QQ 表情', en: 'Sends a face by its number' } })
  face(_: MessageContext, { id }: { id: number }): MessageLike {
    return face(id);
  }

  @Command('echo record <address>', { summary: { zh: '发送语音', en: 'Sends a voice message by its address' } })
  record(_: MessageContext, { address }: { address: string }): MessageLike {
    return record(address);
  }

  @Command('echo share <address> [title]', { summary: { zh: '分享链接', en: 'Shares a link' } })
  share(_: MessageContext, { address, title }: { address: string; title: string | undefined }): MessageLike {
    return share(address, title ?? address);
  }

  @Command('echo music <id:int(1..)>', {
    summary: { zh: '分享网易云音乐', en: 'Shares a song of NetEase by its number' },
  })
  music(_: MessageContext, { id }: { id: number }): MessageLike {
    return music('163', id);
  }
}
