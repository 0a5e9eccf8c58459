import Module, { createRequire } from 'node:module';

interface Resolver {
  /** What `require` calls to find a file; unchanged since Node 0.x, and what every tool of that kind replaces. */
  _resolveFilename: (this: unknown, request: string, ...rest: unknown[]) => string;
}

/**
 * From now on `require('rookery/plugin-kit')` gives the kit of this installation, wherever the plugin lies: beside a rookery.yaml
 * with no packages near it, or in a package with another version of Rookery. ES modules find the kit as they find any package.
 */
export function offerOwnKit(): void {
  const own = createRequire(__filename);
  const doors = new Map(['rookery/plugin-kit', 'rookery/plugin-kit/testing'].map((door) => [door, own.resolve(door)]));
  const resolver = Module as unknown as Resolver;
  const original = resolver._resolveFilename;
  resolver._resolveFilename = function (request, ...rest) {
    return doors.get(request) ?? original.call(this, request, ...rest);
  };
}
