import { InvalidArgumentError } from 'commander';

/** For options: a number from `min` to `max`, as a person would type it. */
export function numberFrom(min: number, max: number, whole: 'whole' | 'any') {
  return (text: string): number => {
    const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max && (whole === 'any' || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`It must be ${whole === 'whole' ? 'a whole' : 'a'} number from ${min} to ${max}.`);
  };
}
