import { ACCOUNT } from './account';
import { FLEET } from './fleet';
import type { Dashboard } from './panel';
import { PIPELINE } from './pipeline';
import { PLUGINS } from './plugins';

/** All dashboards, by the name of their file. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  fleet: FLEET,
  account: ACCOUNT,
  pipeline: PIPELINE,
  plugins: PLUGINS,
};

export type { Dashboard, Panel, Query } from './panel';
