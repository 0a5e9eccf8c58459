import { EVENT_TYPES } from '@rookery/protocol';
import { ERROR_CODES, LATENCY_SECONDS, type MetricSpec } from './spec';

/** From the socket to the conversation. */
export const EVENT_METRICS = {
  rookery_events_total: {
    type: 'counter',
    help: 'Events read from the sockets and accepted for publishing, by type',
    labels: { type: EVENT_TYPES },
  },
  rookery_events_dropped_total: {
    type: 'counter',
    help: 'Events that will never be handled, by stage and reason',
    labels: {
      stage: ['conversation', 'retry', 'dead_letters', 'ask', 'schedule'],
      reason: ['overflow', 'foreign', 'bounds', 'senderless'],
    },
  },
  rookery_event_gaps_total: {
    type: 'counter',
    help: 'Gaps in the messages of a group after a link was down, by what filling from history came to',
    labels: { result: ['filled', 'bounded', 'failed'] },
  },
  rookery_envelope_events: {
    type: 'histogram',
    help: 'Events in one published envelope',
    labels: {},
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  },
  rookery_publish_seconds: {
    type: 'histogram',
    help: 'Time until Redis acknowledged an envelope',
    labels: {},
    buckets: LATENCY_SECONDS,
  },
  rookery_publish_failures_total: {
    type: 'counter',
    help: 'Envelopes that Redis did not acknowledge in time; each is tried again with the same id',
    labels: {},
  },
  rookery_intake_buffered_events: { type: 'gauge', help: 'Events read and not yet acknowledged by Redis', labels: {} },
  rookery_intake_paused: {
    type: 'gauge',
    help: '1 while events are not taken in: Redis is near its memory limit, or so many wait for it that reading from the sockets is paused',
    labels: {},
  },
  rookery_envelopes_total: {
    type: 'counter',
    help: 'Envelopes taken from the queues, by result',
    labels: { result: ['completed', 'failed'] },
  },
  rookery_envelopes_retaken_total: {
    type: 'counter',
    help: 'Envelopes taken again because a worker ended while it had them in hand, by how many workers have so far',
    labels: { deaths: ['1', '2', 'more'] },
  },
  rookery_events_settled_total: {
    type: 'counter',
    help: 'Events that the worker is done with, by result and reason; `copy` and `replay` are duplicates that were merged, `withdrawn` is for the worker that has their partition next',
    labels: {
      result: ['handled', 'unmatched', 'skipped', 'failed', 'withdrawn'],
      reason: ['', 'own', 'copy', 'replay', 'brake', 'stale', 'plugin_off', 'overflow', ...ERROR_CODES],
    },
  },
  rookery_inbound_lag_seconds: {
    type: 'histogram',
    help: 'From reading the frame to handing the event to its conversation',
    labels: {},
    buckets: LATENCY_SECONDS,
  },
  rookery_handler_lag_seconds: {
    type: 'histogram',
    help: 'From reading the frame to the start of a handler, where it is the first attempt',
    labels: {},
    buckets: LATENCY_SECONDS,
  },
  rookery_conversations_active: { type: 'gauge', help: 'Conversations with waiting or running events', labels: {} },
  rookery_conversation_backlog: {
    type: 'gauge',
    help: 'Events that wait or run in the mailboxes of their conversations',
    labels: {},
  },
  rookery_overloaded: {
    type: 'gauge',
    help: '1 while this worker is behind: commands go before chatter, and old chatter is skipped',
    labels: {},
  },
  rookery_assignee_changes_total: {
    type: 'counter',
    help: 'Times that another account of a pool came to answer in a group, by reason',
    labels: { reason: ['first', 'unfit', 'silent', 'policy'] },
  },
  rookery_copies_awaited_total: {
    type: 'counter',
    help: 'Events whose copy of the wanted account was waited for, and whether it came',
    labels: { came: ['true', 'false'] },
  },
  rookery_brakes_total: {
    type: 'counter',
    help: 'Senders that answered like a bot and are ignored in a conversation for a while',
    labels: {},
  },
} as const satisfies Record<string, MetricSpec>;
