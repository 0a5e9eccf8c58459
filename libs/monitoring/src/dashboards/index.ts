import { ACCOUNT } from './account';
import { FLEET } from './fleet';
import type { Dashboard } from './panel';
import { PIPELINE } from './pipeline';
import { PLUGINS } from './plugins';
import { PROCESSES } from './processes';
import { SENDING } from './sending';

/** All dashboards, by the name of their file. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  fleet: FLEET,
  account: ACCOUNT,
  pipeline: PIPELINE,
  sending: SENDING,
  plugins: PLUGINS,
  processes: PROCESSES,
};

export type { Dashboard, Panel, Query } from './panel';
