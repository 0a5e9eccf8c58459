import { setFlagsFromString } from 'node:v8';

/**
 * Lets every object begin among the young ones. V8 remembers of each place in the code whether what is made there lives long, and if so makes it among the old
 * ones at once. What an event needs lives for some tens of milliseconds: where a young collection or two fall into that, as under load, V8 takes it for
 * long-lived, and from then on all of it, with whatever it refers to, stays until the whole heap is looked through. Threads have the setting of their process.
 */
export function makeObjectsYoung(setFlag: (flag: string) => void = setFlagsFromString): void {
  setFlag('--no-allocation-site-pretenuring');
}
