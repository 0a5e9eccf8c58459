import type { Service } from '@rookery/service';
import type { ConversationStage } from './conversation';

/** Metrics and log lines of the conversations: what became of events, and who answers where. */
export function observeConversations(service: Service, stage: ConversationStage): void {
  observeSettling(service, stage);
  observeAssignees(service, stage);
  observeTrouble(service, stage);
}

function observeSettling({ metrics, log }: Service, { conversations }: ConversationStage): void {
  metrics.onScrape(() => {
    metrics.set('rookery_conversations_active', conversations.active);
    metrics.set('rookery_conversation_backlog', conversations.backlog);
    metrics.set('rookery_overloaded', conversations.overloaded ? 1 : 0);
  });
  const unmatched = metrics.tally('rookery_events_settled_total', { result: 'unmatched', reason: '' });
  conversations.on('settled', (_event, settled) => {
    if (settled.result === 'unmatched') return unmatched();
    const reason = 'reason' in settled ? settled.reason : '';
    metrics.count('rookery_events_settled_total', { result: settled.result, reason });
    if (reason === 'overflow') metrics.count('rookery_events_dropped_total', { stage: 'conversation', reason });
  });
  conversations.on('fault', (event, thrown) => {
    const stack = thrown instanceof Error ? thrown.stack : String(thrown);
    log.error(
      { event: event.id, conversation: event.conversation, stack },
      'a fault of Rookery while handling an event',
    );
  });
  conversations.on('braked', ({ conversation, sender }) => {
    metrics.count('rookery_brakes_total');
    log.warn(
      { conversation, sender: sender.userId },
      `${sender.userId} answers our answers like a bot: it is ignored in this conversation for a minute`,
    );
  });
  conversations.on('waited', (_event, came) =>
    metrics.count('rookery_copies_awaited_total', { came: came ? 'true' : 'false' }),
  );
}

function observeAssignees({ metrics, log }: Service, { assignment }: ConversationStage): void {
  assignment.on('changed', (group, to, from, reason) => {
    metrics.count('rookery_assignee_changes_total', { reason });
    log.debug({ conversation: group, from, account: to, reason }, `account ${to} answers in ${group} now`);
  });
}

function observeTrouble({ log, noise }: Service, { assignment, fitness }: ConversationStage): void {
  const report = (what: string, consequence: string) => (error: Error) =>
    noise.pass(what, (suppressed) => log.warn({ error: error.message, suppressed }, consequence));
  assignment.on('trouble', report('assignees', 'Redis does not keep who answers in a group: it is chosen anew'));
  fitness.on('trouble', report('fitness', 'Redis does not tell the state of accounts: the last one known counts'));
}
