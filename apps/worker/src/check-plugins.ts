import { checkManifests, type PluginManifest } from '@rookery/plugin-kit';
import { BUILT_IN_PLUGINS } from '@rookery/plugins';
import { toError } from '@rookery/protocol';
import { loadPlugin, offerOwnKit, readManifest, type PluginSource } from './host';

/**
 * Script of a process of its own: would a worker start with these plugins? Loads them, tells its parent what is wrong, and ends.
 * The one argument is a JSON array of plugin sources.
 */
async function check(sources: readonly PluginSource[]): Promise<readonly string[]> {
  const problems: string[] = [];
  const manifests: PluginManifest[] = await Promise.all(BUILT_IN_PLUGINS.map(readManifest));
  for (const source of sources) {
    try {
      manifests.push((await loadPlugin(source, () => undefined)).manifest);
    } catch (thrown) {
      problems.push(toError(thrown).message);
    }
  }
  try {
    checkManifests(manifests);
  } catch (thrown) {
    problems.push(toError(thrown).message);
  }
  return problems;
}

offerOwnKit();
void check(JSON.parse(process.argv[2] ?? '[]') as readonly PluginSource[]).then((problems) =>
  // Whatever a plugin has begun when it was loaded must not keep this process.
  process.send?.({ type: 'ready', problems }, () => process.exit(0)),
);
