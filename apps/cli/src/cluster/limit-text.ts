import type { LimitSource } from '@rookery/pacing';
import { CommandFailure } from '../failure';

const NUMBER = String.raw`\d+(?:\.\d+)?`;
const RATE = new RegExp(`^(${NUMBER})/(${NUMBER})$`);
const SPAN = new RegExp(`^(${NUMBER})-(${NUMBER})$`);
const HOURS = /^(\d\d:\d\d)-(\d\d:\d\d)$/;
const WARM_UP = new RegExp(`^(${NUMBER})d\\*(${NUMBER})$`);
/** Settings that hold a list of rates; a single one may be written without brackets. */
const LISTS = new Set(['account', 'conversation']);

/**
 * Settings of limits as people type them: `profile=cautious perDay=500 account=15/60,3/5 kinds.file=2/60 repeats=3/600
 * gapSeconds=2 jitterSeconds=0.3-1.5 quietHours=23:30-07:00 warmUp=7d*0.25`; `off` takes a limit away. What a value may be is
 * checked where it is set.
 */
export function parseLimits(words: readonly string[]): Record<string, unknown> {
  const limits: Record<string, unknown> = {};
  const kinds: Record<string, unknown> = {};
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 1) {
      throw new CommandFailure(
        `${JSON.stringify(word)} is no setting=value, like perDay=500\n请写成 设置=值，例如 perDay=500。`,
      );
    }
    const [name, text] = [word.slice(0, at), word.slice(at + 1)];
    if (name.startsWith('kinds.')) kinds[name.slice('kinds.'.length)] = text === 'off' ? [] : rates(text);
    else limits[name] = LISTS.has(name) ? (text === 'off' ? [] : rates(text)) : single(text);
  }
  return { ...limits, ...(Object.keys(kinds).length > 0 && { kinds }) };
}

function rates(text: string): unknown[] {
  return text.split(',').map((part) => single(part));
}

function single(text: string): unknown {
  if (text === 'off') return null;
  const rate = RATE.exec(text);
  if (rate) return { sends: Number(rate[1]), seconds: Number(rate[2]) };
  const hours = HOURS.exec(text);
  if (hours) return { from: hours[1], to: hours[2] };
  const span = SPAN.exec(text);
  if (span) return [Number(span[1]), Number(span[2])];
  const warmUp = WARM_UP.exec(text);
  if (warmUp) return { days: Number(warmUp[1]), factor: Number(warmUp[2]) };
  return /^\d/.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** As {@link parseLimits} reads it. */
export function writtenLimit(value: unknown): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return 'off';
  if (Array.isArray(value)) {
    const isSpan = value.every((item) => typeof item === 'number');
    return isSpan ? value.join('-') : value.map(writtenLimit).join(',');
  }
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return JSON.stringify(value) ?? 'off';
  const part = (name: string) => String((value as Record<string, unknown>)[name]);
  if ('sends' in value) return `${part('sends')}/${part('seconds')}`;
  if ('from' in value) return `${part('from')}-${part('to')}`;
  if ('days' in value) return `${part('days')}d*${part('factor')}`;
  return Object.entries(value)
    .map(([name, item]) => `${name} ${writtenLimit(item)}`)
    .join(', ');
}

/** Where a limit in force was said. */
export function sourceText({ from, scope }: LimitSource): string {
  if (from === 'profile') return scope === 'default' ? 'profile default' : `profile named for ${scope}`;
  return from === 'file' ? `rookery.yaml, ${scope}` : `run time, ${scope}`;
}
