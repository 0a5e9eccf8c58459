import { HelpPlugin } from './help/help.plugin';
import { PingPlugin } from './ping/ping.plugin';

/**
 * The plugins that come with Rookery, one folder each; removing a folder and its line here removes the feature. Plugins
 * may import the plugin kit and protocol, and nothing else of ours.
 */
export const BUILT_IN_PLUGINS = [HelpPlugin, PingPlugin] as const;
