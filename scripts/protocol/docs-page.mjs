/** docs/protocol.md from the fact tables. */

const SOURCES = { onebot11: 'OneBot 11', 'go-cqhttp': 'go-cqhttp', napcat: 'NapCat' };

/** What Rookery does with segments that NapCat drops or fails on; libs/protocol tests that each is refused or converted. */
const CONVERTED = { share: 'sent as text: title and address', location: 'sent as text: NapCat ignores coordinates' };
const NOTES = { at: 'in private chats sent as text', markdown: 'inside forward nodes only', record: 'alone only' };

export function docsPage({ actions, events, segments, normalized }) {
  return `# The protocol

<!-- Generated from test/fixtures/protocol by scripts/generate-protocol.mjs. Do not edit. -->

Rookery speaks OneBot V11 as ${segments.based_on.split(',')[0]} does, and understands LLBot and go-cqhttp. This page lists
every event, segment and action that is known, with what NapCat does where it differs from the standard.

- Ids are decimal text everywhere in Rookery, since numbers beyond 2^53 lose digits. On the wire NapCat uses JSON numbers.
- Times are milliseconds since 1970; on the wire they are seconds.
- The canonical reference of a group message is \`(group, seq)\`: equal for every account in the group. A message id belongs to one account.

## Events (${events.length})

${table(
  ['Event', 'From', 'NapCat emits it', 'Becomes', 'Conversation', 'Notes'],
  events.map((event) => {
    const is = normalized[event.id];
    return [
      code(event.id),
      SOURCES[event.source],
      event.emitted_by_napcat ? 'yes' : 'no',
      code(is.kind === undefined ? is.type : `${is.type} ${is.kind}`),
      is.conversation.split(':')[0],
      [event.sub_types.length > 0 && `sub types: ${event.sub_types.join(', ')}.`, event.note].filter(Boolean).join(' '),
    ];
  }),
)}

A frame with another \`post_type\` or detail type becomes an \`unknown\` event that carries the frame whole.

## Segments (${segments.segments.length})

Outgoing messages are always arrays of segments, and text is always text: only \`cq(…)\` parses CQ code. What NapCat would drop in
silence or fail on is refused, or converted with a note, before it is sent.

${table(
  ['Segment', 'From', 'Received', 'Sent', 'Fields when sent (! required)', 'CQ code', 'Notes'],
  segments.segments.map((segment) => [
    code(segment.type),
    SOURCES[segment.standard],
    segment.receive.supported ? 'yes' : (segment.receive.behaviour ?? 'no'),
    CONVERTED[segment.type] ??
      (segment.send.supported ? ['yes', NOTES[segment.type]].filter(Boolean).join(', ') : 'refused'),
    (segment.send.data ?? []).map((field) => code(field.name + (field.required ? '!' : ''))).join(' '),
    segment.cq.startsWith('[') ? code(segment.cq) : segment.cq,
    [segment.send.behaviour, segment.note].filter(Boolean).join('. '),
  ]),
)}

### CQ code

${segments.cq_code.form}. Escapes: ${Object.entries(segments.cq_code.escape_in_values)
    .map(([from, to]) => `${code(from)} → ${code(to)}`)
    .join(
      ', ',
    )} (the comma in values only). ${segments.cq_code.order}. Unclosed or malformed code is text. \`[CQ:at,id=…]\` is
understood on input and written as \`qq=\`.

## Actions (${actions.length})

Parameters marked \`!\` are required; calls are checked in the plugin's process, before any queue. "packet" marks actions that need
NapCat's packet backend. Required here although NapCat has a default: \`duration\` of \`set_group_ban\` (NapCat would lift the ban) and
\`enable\` of \`set_group_admin\` (NapCat would remove the admin). \`.handle_quick_operation\` is refused. What plugins may call is [another matter](plugins.md#what-a-plugin-may-do): actions that are not
listed here are granted one by one, and their parameters are not checked.

### How Rookery sends

- A call of a listed action is checked in the plugin's process, before any queue: a wrong one is rejected with \`ACTION_INVALID\` and
  the name of the parameter. Every action has the forms \`_async\` and \`_rate_limited\` of OneBot 11 (see outbound.md); NapCat, where they are plain aliases,
  never gets them.
- Text of any length that QQ could mean goes through (256 KiB are the bound); where QQ has a limit, QQ refuses.
- The parameters of one action have at most 1 MiB as JSON, base64 included, since they travel through Redis. Larger files go by URL.
- Files above 256 KiB inside an action are uploaded before it with \`upload_file_stream\`, in chunks of 128 KiB, and named by the
  path that NapCat returns: base64 in a frame stalls NapCat for some 0.2 s per MiB. When the upload fails, the outcome is \`not_sent\`. An
  implementation without that action gets base64.
- URLs must be public http or https addresses without credentials; paths on NapCat's machine are refused.
- The frames of \`download_file_stream\`, \`download_file_image_stream\` and \`download_file_record_stream\` come back as one result:
  \`{ file_name, file_size, base64 }\`, for files up to 1 MiB.
- Rookery waits for a reply for 20 s plus the size at 128 KiB/s, 60 s more when NapCat has to fetch a URL first, and longer than the
  parameter \`timeout\` where one is given. A reply that comes later corrects the record of an \`unknown\` outcome; nobody is told twice.

${categories(actions)
  .map(
    ([category, list]) => `### ${category} (${list.length})

${table(
  ['Action', 'From', 'Kind', 'Parameters', 'Returns', 'Notes'],
  list.map((action) => [
    code(action.name),
    SOURCES[action.standard],
    [action.kind, action.sends_message && 'sends', /Needs the packet backend \(/.test(action.note ?? '') && 'packet']
      .filter(Boolean)
      .join(', '),
    action.params.map((param) => code(param.name + (param.required ? '!' : ''))).join(' '),
    action.returns.replace(/^none \(.*\)$/, 'nothing'),
    action.note ?? '',
  ]),
)}`,
  )
  .join('\n\n')}
`;
}

function categories(actions) {
  const names = [...new Set(actions.map((action) => action.category))];
  return names.map((name) => [name, actions.filter((action) => action.category === name)]);
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('\n', ' ').replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text) {
  return `\`${text}\``;
}
