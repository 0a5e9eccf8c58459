import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { limitGreeting } from './limit-greeting';

describe('a connection that was accepted', () => {
  let redis: EventEmitter;
  let socket: PassThrough;
  let errors: string[];

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    redis = new EventEmitter();
    socket = new PassThrough();
    errors = [];
    socket.on('error', (error) => errors.push(error.message));
    limitGreeting(redis, () => socket);
    redis.emit('connect');
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const soon = () => new Promise((resolve) => setImmediate(resolve));

  it('is given up when nothing comes for two seconds, as from a proxy whose Redis is away', async () => {
    jest.advanceTimersByTime(1_999);
    expect(socket.destroyed).toBe(false);
    jest.advanceTimersByTime(1);
    await soon();
    expect([socket.destroyed, errors]).toEqual([true, ['the connection was accepted, and then nothing came']]);
  });

  it('is kept when anything comes: a Redis that loads its data may take its time', async () => {
    socket.write('-LOADING');
    await soon();
    jest.advanceTimersByTime(60_000);
    expect([socket.destroyed, jest.getTimerCount()]).toEqual([false, 0]);
  });

  it('leaves no timer when it ends before', async () => {
    socket.destroy();
    await soon();
    expect(jest.getTimerCount()).toBe(0);
  });
});
