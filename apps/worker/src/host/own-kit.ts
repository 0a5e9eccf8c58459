import Module from 'node:module';
import { join } from 'node:path';

interface Resolver {
  /** What `require` calls to find a file; unchanged since Node 0.x, and what every tool of that kind replaces. */
  _resolveFilename: (this: unknown, request: string, ...rest: unknown[]) => string;
}

/** The doors of package.json, from here: a process that may read little cannot look them up there. */
const DOORS = new Map([
  ['rookery/plugin-kit', join(__dirname, '../../../../libs/plugin-kit/src/authors.js')],
  ['rookery/plugin-kit/testing', join(__dirname, '../../../testkit/src/index.js')],
]);

/**
 * From now on `require('rookery/plugin-kit')` gives the kit of this installation, wherever the plugin lies: beside a rookery.yaml
 * with no packages near it, or in a package with another version of Rookery. ES modules find the kit as they find any package.
 */
export function offerOwnKit(): void {
  const resolver = Module as unknown as Resolver;
  const original = resolver._resolveFilename;
  resolver._resolveFilename = function (request, ...rest) {
    return DOORS.get(request) ?? original.call(this, request, ...rest);
  };
}
