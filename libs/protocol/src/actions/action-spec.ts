/**
 * What a parameter may be. `id`: a QQ number. `text`: a string. `scalar`: a string or a number. `flag`: a boolean.
 * `message`: what becomes segments. `nodes`: forward nodes. `media`: a file, URL or base64 that others will see.
 */
export type ParamShape =
  | 'id'
  | 'ids'
  | 'text'
  | 'textOrNull'
  | 'scalar'
  | 'number'
  | 'flag'
  | 'list'
  | 'message'
  | 'nodes'
  | 'news'
  | 'media'
  | 'mediaList'
  | 'object';

/** `!` marks a parameter that must be given. */
export type ParamSpec =
  | ParamShape
  | `${ParamShape}!`
  | { readonly oneOf: readonly string[]; readonly required: boolean };

export interface ActionSpec {
  /** `read`: changes nothing, so it may be repeated. */
  readonly kind: 'read' | 'write';
  /** Posts something that others see as a message. */
  readonly sends?: true;
  /** Works only with NapCat's packet backend, which is tied to exact QQ builds. */
  readonly packet?: true;
  readonly params: Readonly<Record<string, ParamSpec>>;
}

export type ActionTable<Name extends string> = Readonly<Record<Name, ActionSpec>>;
