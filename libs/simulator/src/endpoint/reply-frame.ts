import type { Frame } from '../world/account';

/** `echo` comes back unchanged. `data` undefined means that the key is missing from the JSON. */
export function okReply(data: unknown, echo: unknown, stream = false): Frame {
  return {
    status: 'ok',
    retcode: 0,
    ...(data !== undefined && { data }),
    message: '',
    wording: '',
    echo,
    stream: stream ? 'stream-action' : 'normal-action',
  };
}

export function failedReply(retcode: number, message: string, echo: unknown, data: unknown = null): Frame {
  return { status: 'failed', retcode, data, message, wording: message, echo, stream: 'normal-action' };
}
