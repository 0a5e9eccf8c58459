import { describe, expect, it } from '@jest/globals';
import type { Event } from '@rookery/protocol';
import { z } from 'zod';
import { PluginConfig } from './plugin-config';

const schema = z.object({ max: z.number().max(100).default(6), words: z.array(z.string()).default([]) });
const inGroup = (groupId: string) => ({ type: 'notice', self: '1', pool: 'p', groupId }) as unknown as Event;

describe('PluginConfig', () => {
  const setUp = (base: Record<string, unknown> = {}) => {
    const told: string[] = [];
    return { told, sut: new PluginConfig({ plugin: 'dice', schema, base, onUnfit: (text) => told.push(text) }) };
  };

  it('lays group over account over pool over global over rookery.yaml, key by key', () => {
    const { sut } = setUp({ max: 7 });
    expect(sut.at(inGroup('7'))).toEqual({ max: 7, words: [] });
    sut.set({
      global: { max: 8, words: ['g'] },
      'pool:p': { max: 9 },
      'account:1': { max: 10 },
      'group:7': { max: 11 },
    });
    expect(sut.at(inGroup('7'))).toEqual({ max: 11, words: ['g'] });
    expect(sut.at(inGroup('8'))).toEqual({ max: 10, words: ['g'] });
    sut.set({});
    expect(sut.at(inGroup('7'))).toBe(sut.base);
  });

  it('leaves out a scope that does not fit, says so once, and lets the wider one hold', () => {
    const { sut, told } = setUp();
    sut.set({ global: { max: 8 }, 'group:7': { max: 1_000 } });
    expect(
      [sut.at(inGroup('7')), sut.at(inGroup('7')), sut.at(inGroup('8'))].map(
        (config) => (config as { max: number }).max,
      ),
    ).toEqual([8, 8, 8]);
    expect(told).toEqual([
      expect.stringMatching(/plugin dice for group:7 does not fit, the wider one holds.*--scope group:7[\s\S]*100/),
    ]);
  });

  it('refuses a plugin whose part of rookery.yaml does not fit', () => {
    expect(() => setUp({ max: 'many' })).toThrow(/config of plugin dice in rookery.yaml/);
  });
});
