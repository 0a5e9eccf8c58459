import { describe, expect, it } from '@jest/globals';
import { RookeryError } from '@rookery/protocol';
import { CommandFailure, explain } from './failure';

describe('explain', () => {
  it('needs no stack where the cause is known', () => {
    expect(explain(new CommandFailure('do this'))).toBe('do this');
    expect(explain(new RookeryError('PORT_BUSY', 'taken'))).toBe('taken (PORT_BUSY)');
  });

  it.each([new Error('odd'), new RookeryError('INTERNAL', 'odd')])('shows where a fault of ours came from', (error) => {
    expect(explain(error)).toMatch(/odd\n {4}at /);
  });

  it('copes with what is no error', () => {
    expect(explain('odd')).toContain('odd');
  });
});
