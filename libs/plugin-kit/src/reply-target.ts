import { assertNever, type Event, type MessageEvent } from '@rookery/protocol';

/** The action that speaks where something happened, and its parameters without the message. */
export interface ReplyTarget {
  readonly action: string;
  readonly params: Readonly<Record<string, string>>;
}

/** Undefined for events that happened in no chat. */
export function replyTarget(event: Event): ReplyTarget | undefined {
  switch (event.type) {
    case 'message':
      return sceneTarget(event);
    case 'notice':
    case 'request':
      if (event.groupId !== undefined) return { action: 'send_group_msg', params: { group_id: event.groupId } };
      if (event.userId !== undefined) return { action: 'send_private_msg', params: { user_id: event.userId } };
      return undefined;
    case 'meta':
    case 'schedule':
    case 'unknown':
      return undefined;
    default:
      return assertNever(event);
  }
}

function sceneTarget({ scene }: MessageEvent): ReplyTarget {
  switch (scene.kind) {
    case 'group':
      return { action: 'send_group_msg', params: { group_id: scene.groupId } };
    case 'private':
      // NapCat answers a stranger in a temporary session only when the group of the session is named.
      return {
        action: 'send_private_msg',
        params: { user_id: scene.userId, ...(scene.viaGroup !== undefined && { group_id: scene.viaGroup }) },
      };
    case 'guild':
      return { action: 'send_guild_channel_msg', params: { guild_id: scene.guildId, channel_id: scene.channelId } };
    default:
      return assertNever(scene);
  }
}
