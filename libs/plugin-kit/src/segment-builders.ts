import { segments } from '@rookery/protocol';

/** Builders of segments for plugin authors. A string is always text; only `cq` parses CQ code. */
export const {
  at,
  atAll,
  contact,
  cq,
  customMusic,
  dice,
  face,
  file,
  forward,
  image,
  json,
  location,
  markdown,
  mface,
  music,
  node,
  nodeOf,
  record,
  reply,
  rps,
  share,
  text,
  video,
} = segments;
