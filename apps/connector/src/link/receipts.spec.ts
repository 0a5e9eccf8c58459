import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { Receipts } from './receipts';

function setUp() {
  const clock = new FakeClock();
  const log: string[] = [];
  const sut = new Receipts(clock, (mark) => log.push(`ping ${mark}`));
  const write = (what: string) => sut.expect(() => log.push(`${what} read`));
  const read = () => log.filter((line) => line.endsWith('read'));
  return { clock, sut, log, write, read };
}

describe('Receipts', () => {
  it('writes a ping behind what was written, and the pong says that both were read', () => {
    const { sut, log, write } = setUp();
    write('a');
    sut.ponged('1');
    sut.ponged('1');
    expect(log).toEqual(['ping 1', 'a read']);
  });

  it('takes one pong for several pings, as RFC 6455 allows, and not for what came after', () => {
    const { sut, write, read } = setUp();
    write('a');
    write('b');
    write('c');
    sut.ponged('2');
    expect(read()).toEqual(['a read', 'b read']);
  });

  it.each(['', 'x', '-1', 'NaN'])('learns nothing from a pong with another mark: %j', (mark) => {
    const { sut, write, read } = setUp();
    write('a');
    sut.ponged(mark);
    expect(read()).toEqual([]);
  });

  it('takes a frame for an answer only where pings were never answered, and only two seconds later', () => {
    const { clock, sut, write, read } = setUp();
    write('a');
    clock.advance(1_999);
    sut.heard();
    expect(read()).toEqual([]);
    clock.advance(1);
    sut.heard();
    expect(read()).toEqual(['a read']);
    sut.ponged('1');
    write('b');
    clock.advance(60_000);
    sut.heard();
    expect(read()).toEqual(['a read']);
  });

  it('lets nobody wait for a connection that has ended', () => {
    const { sut, write, read } = setUp();
    write('a');
    write('b');
    sut.ended();
    expect(read()).toEqual(['a read', 'b read']);
  });
});
