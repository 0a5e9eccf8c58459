import { readWord } from './pattern/read-word';

/** `3s/user`: after the handler was called, the same person has to wait. `group`: everybody in that chat; `global`: everybody. */
export type CooldownText = `${number}${'s' | 'm' | 'h' | 'd'}/${CooldownScope}`;
export type CooldownScope = 'user' | 'group' | 'global';

export interface Cooldown {
  /** Milliseconds. */
  readonly ms: number;
  readonly per: CooldownScope;
}

const COOLDOWN = /^([\d.]+[smhd])\/(user|group|global)$/;
const DAY_MS = 86_400_000;

/** Undefined when the text is no cooldown, or longer than a day. */
export function parseCooldown(text: string): Cooldown | undefined {
  const [, time = '', per] = COOLDOWN.exec(text) ?? [];
  const read = readWord({ kind: 'duration', min: 1, max: DAY_MS }, time);
  if (!read.ok || per === undefined) return undefined;
  return { ms: Number(read.value), per: per as CooldownScope };
}
