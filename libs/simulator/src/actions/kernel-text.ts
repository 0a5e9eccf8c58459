const SEND = 'NodeIKernelMsgService/sendMsg';
const returned = (result: number, errMsg: string) => JSON.stringify({ result, errMsg }, null, 4);

/** QQ refused at once: 110 not in the group, 120 muted, 1006514 no connection to QQ. */
export function kernelRefusal(result: number, errMsg: string, method = SEND): string {
  return `EventChecker Failed: NTEvent serviceAndMethod:${method} ListenerName:NodeIKernelMsgListener/onMsgInfoListUpdate EventRet:\n${returned(result, errMsg)}\n`;
}

/** No success was reported in time; whether the effect took place is not known. */
export function kernelTimeout(method = SEND): string {
  return `Timeout: NTEvent serviceAndMethod:${method} ListenerName:NodeIKernelMsgListener/onMsgInfoListUpdate EventRet:\n${returned(0, '')}\n`;
}
