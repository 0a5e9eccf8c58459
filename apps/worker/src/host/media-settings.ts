import { realpathSync } from 'node:fs';
import { DEFAULT_MEDIA_POLICY, type MediaPolicy } from '@rookery/protocol';

/** The `media` settings; plain data, so that they can be handed to a plugin's thread. */
export interface MediaSettings {
  /** Private hosts that NapCat may fetch from. */
  readonly allowHosts: readonly string[];
  /** One folder, as it is called here and as NapCat calls it. */
  readonly sharedPath?: { readonly ours: string; readonly napcat: string } | undefined;
}

/** What the settings mean for actions; asks the file system of this machine where a path of the shared folder leads. */
export function mediaPolicyOf({ allowHosts, sharedPath }: MediaSettings): MediaPolicy {
  return {
    ...DEFAULT_MEDIA_POLICY,
    hosts: allowHosts,
    ...(sharedPath !== undefined && { folder: { ...sharedPath, realPath } }),
  };
}

/** What cannot be read by us is not there for us. */
function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
