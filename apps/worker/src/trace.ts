import type { Clock, EventHead } from '@rookery/protocol';
import type { TraceStep } from '@rookery/redis';
import type { TraceBook } from '@rookery/service';
import type { Consume } from './consume/consume';
import type { ConversationStage } from './conversation';
import type { Dispatcher } from './dispatch';
import type { Outbox } from './outbox';

/**
 * Tells the book what the worker does with each event. Events that a handler wanted are told first; of those that nothing wanted,
 * which are most, only as many as leave half of the budget free.
 */
export function trace(
  book: TraceBook,
  clock: Clock,
  parts: { consume: Consume; conversation: ConversationStage; dispatcher: Dispatcher; outbox: Outbox },
): void {
  if (!book.isOn) return;
  const { consume, conversation, dispatcher, outbox } = parts;
  const begin = ({ receivedAt, conversation: where, type }: EventHead): TraceStep[] => [
    { at: receivedAt, stage: 'read', what: `${type} in ${where}` },
    { at: clock.now(), stage: 'taken', what: 'from the queue' },
  ];
  consume.on('received', (event, _lagMs, isSettled) => {
    if (!isSettled && book.hasRoom) book.begin(event.id, event.self, begin(event));
  });
  dispatcher.on('ran', ({ event, plugin, handler, seconds, error }) => {
    if (!book.isOpen(event)) return;
    const handled = `${plugin}.${handler}`;
    const what = error === undefined ? handled : `${handled} failed: ${error.code}`;
    book.add(event, {
      at: clock.now(),
      stage: 'ran',
      what,
      tookMs: Math.round(seconds * 1000),
      name: handled,
      ...(error && { error: error.code }),
    });
  });
  outbox.on('published', ({ id, name, lane, self, origin }) => {
    if (origin.event === undefined || !book.isOpen(origin.event)) return;
    const what = `${name} of ${self}, lane ${lane} (${id})`;
    book.add(origin.event, { at: clock.now(), stage: 'asked', what, name, action: id });
  });
  conversation.conversations.on('settled', (event, settled, atOnce) => {
    const { id, self } = event;
    const isWanted = atOnce ? (settled.result === 'unmatched' ? book.isIdle : book.hasRoom) : book.isOpen(id);
    if (!isWanted) return;
    const what = 'reason' in settled ? `${settled.result}: ${settled.reason}` : settled.result;
    const last = { at: clock.now(), stage: 'settled', what } as const;
    if (atOnce) book.tell(id, self, [...begin(event), last]);
    else book.end(id, last);
  });
}
