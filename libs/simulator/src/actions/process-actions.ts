import { StreamAnswer, type Handler } from './call';

/** Release whose behaviour is copied. */
const NAPCAT_VERSION = '4.18.19';

export const PROCESS_ACTIONS: Readonly<Record<string, Handler>> = {
  get_login_info: ({ account }) => ({ user_id: Number(account.self), nickname: account.nickname }),
  get_status: ({ account }) => ({ online: account.online, good: true, stat: {} }),
  get_version_info: () => ({ app_name: 'NapCat.Onebot', protocol_version: 'v11', app_version: NAPCAT_VERSION }),
  can_send_image: () => ({ yes: true }),
  can_send_record: () => ({ yes: true }),
  /** No reply: the process is gone before it is written. */
  bot_exit: ({ process }) => {
    process.restart();
    return undefined;
  },
  set_restart: ({ process }) => {
    process.restart();
    return undefined;
  },
  /** The usefulness of the packet backend was checked before any handler runs. */
  nc_get_packet_status: () => undefined,
  test_download_stream: () =>
    new StreamAnswer([
      ...Array.from({ length: 10 }, (_, index) => ({
        type: 'stream',
        data_type: 'data_chunk',
        data: `chunk ${index}`,
      })),
      { type: 'response', data_type: 'data_complete', data: 'complete' },
    ]),
};
