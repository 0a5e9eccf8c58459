import type { ErrorCode } from '@rookery/protocol';

interface KnownText {
  readonly code: ErrorCode;
  readonly pattern: RegExp;
}

/**
 * NapCat answers almost every failure with retcode 1200; only the text tells which. It is half kernel output, half Chinese,
 * and differs between releases: the first pattern that is found decides, and a text that none knows stays ACTION_REFUSED.
 */
const KNOWN_TEXTS: readonly KnownText[] = [
  // Results of the kernel inside "EventChecker Failed … EventRet: { "result": n, "errMsg": … }".
  { code: 'ACTION_NOT_IN_GROUP', pattern: /"?result"?\s*:\s*110\b/ },
  { code: 'ACTION_MUTED', pattern: /"?result"?\s*:\s*120\b/ },
  { code: 'ACTION_ACCOUNT_OFFLINE', pattern: /\b1006514\b/ },
  // Also for a parameter error there is 1400, hence by the word.
  { code: 'ACTION_PACKET_BACKEND_MISSING', pattern: /packetBackend/i },
  { code: 'ACTION_NOT_FRIEND', pattern: /添加对方为好友|不是好友|not (?:a |your )?friend/i },
  { code: 'ACTION_MUTED', pattern: /禁言|\bmuted\b|shut ?up/i },
  {
    code: 'ACTION_NO_PERMISSION',
    pattern: /权限|无权|permission|cannot ban|not (?:an? )?(?:admin|owner)|只有(?:群主|管理员)/i,
  },
  // "Get Uid Error": the person mentioned cannot be found among the members.
  { code: 'ACTION_NOT_IN_GROUP', pattern: /not in (?:the )?group|不在(?:本|该)?群|群(?:聊)?不存在|Get Uid Error/i },
  {
    code: 'ACTION_TARGET_NOT_FOUND',
    pattern: /消息不存在|msg ?not ?found|message not found|Recall failed|No such request|file not found|文件不存在/i,
  },
  {
    code: 'ACTION_MEDIA_FAILED',
    pattern: /rich media|富媒体|download|下载|upload|上传|识别URL|url has expired|ENOENT/i,
  },
];

/** The code of a certain failure. */
export function refusalCode(retcode: number | undefined, text: string): ErrorCode {
  switch (retcode) {
    case 1403:
      return 'LINK_TOKEN_REFUSED';
    case 1404:
      return 'ACTION_NOT_SUPPORTED';
    default: {
      const known = KNOWN_TEXTS.find(({ pattern }) => pattern.test(text));
      if (retcode === 1400) return known?.code === 'ACTION_PACKET_BACKEND_MISSING' ? known.code : 'ACTION_INVALID';
      return known?.code ?? 'ACTION_REFUSED';
    }
  }
}
