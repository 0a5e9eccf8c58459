import type { LocalText } from './local-text';
import type { PluginManifest } from './manifest';

/** A command as people see it. */
export interface CommandInfo {
  readonly plugin: string;
  /** Name of the method. */
  readonly handler: string;
  /** What to type, prefix and parameters included: `/ping [text...]`. */
  readonly usage: string;
  readonly alias: readonly string[];
  readonly summary: LocalText;
}

/** Sorted by usage. `prefix` is the one to show where several are accepted. */
export function catalogueOf(manifests: readonly PluginManifest[], prefix: string): readonly CommandInfo[] {
  return manifests
    .flatMap(({ id, commands }) =>
      commands.map(({ method, usage, alias, summary }) => ({
        plugin: id,
        handler: method,
        usage: prefix + usage,
        alias,
        summary,
      })),
    )
    .sort((a, b) => (a.usage < b.usage ? -1 : 1));
}
