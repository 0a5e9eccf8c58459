import { join } from 'node:path';

/**
 * The plugins that come with Rookery, one folder each; removing a folder and its line here removes the feature. Plugins
 * may import the plugin kit and protocol, and nothing else of ours. Listed by module, because their handlers run in threads of
 * their own: importing this list runs none of their code.
 */
export const BUILT_IN_PLUGINS: readonly { readonly module: string }[] = [
  { module: join(__dirname, 'admin/admin.plugin') },
  { module: join(__dirname, 'broadcast/broadcast.plugin') },
  { module: join(__dirname, 'echo/echo.plugin') },
  { module: join(__dirname, 'help/help.plugin') },
  { module: join(__dirname, 'keyword/keyword.plugin') },
  { module: join(__dirname, 'ping/ping.plugin') },
  { module: join(__dirname, 'requests/requests.plugin') },
  { module: join(__dirname, 'stats/stats.plugin') },
  { module: join(__dirname, 'status/status.plugin') },
  { module: join(__dirname, 'welcome/welcome.plugin') },
];
