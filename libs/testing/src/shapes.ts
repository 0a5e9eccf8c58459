import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';

/**
 * Whether V8 gives all of these one hidden class. Objects of one kind that have one each make everything slow that reads them; in Node 20 a literal that begins
 * with a spread and then adds keys makes such objects (docs/decisions/0032).
 */
export function haveOneShape(objects: readonly object[]): boolean {
  setFlagsFromString('--allow-natives-syntax');
  // It is no JavaScript, so it must not be read before the flag is set.
  const isSame = runInThisContext('(one, other) => %HaveSameMap(one, other)') as (
    one: object,
    other: object,
  ) => boolean;
  return objects.every((one) => isSame(one, objects[0] ?? one));
}
