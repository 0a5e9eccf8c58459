import { RookeryError } from '../errors';
import { DEFAULT_MEDIA_POLICY, type MediaPolicy } from '../segments/media-policy';
import type { Place } from '../segments/outgoing';
import type { ActionSpec, ParamSpec } from './action-spec';
import { actionSpec } from './catalogue';
import { nearest } from './nearest';
import { checkParam, type Checks } from './param-check';

/**
 * How an action was asked for. `async`: the caller does not wait for what comes of it. `rate_limited`: it waits its turn among the
 * paced sends, also when it is one that would not have to, and the caller does not wait either.
 */
export type CallForm = 'plain' | 'async' | 'rate_limited';

export interface PreparedAction {
  /** Without suffix: NapCat has the forms with one as plain aliases, so they never go there. */
  readonly name: string;
  readonly form: CallForm;
  readonly params: Readonly<Record<string, unknown>>;
  /** What was changed on the way out and why, for people. Usually empty. */
  readonly notes: readonly string[];
}

type Params = Readonly<Record<string, unknown>>;

/**
 * Longest parameters of one action as JSON text, in UTF-16 units. They travel through Redis as the data of a job, base64 of
 * media included: 1 MiB is some 780 kB of a picture. What is larger goes by URL or shared folder.
 */
export const ACTION_PARAMS_MAX = 1024 * 1024;

/** Of these at least one alternative must be there, each given as its parameters joined by `+`. */
const ONE_OF: Readonly<Record<string, readonly string[]>> = {
  ArkSharePeer: ['user_id', 'group_id'],
  cancel_group_todo: ['message_id', 'message_seq'],
  complete_group_todo: ['message_id', 'message_seq'],
  delete_essence_msg: ['message_id', 'msg_seq+msg_random+group_id'],
  delete_friend: ['friend_id', 'user_id'],
  download_file: ['url', 'base64'],
  download_file_image_stream: ['file', 'file_id'],
  download_file_record_stream: ['file', 'file_id'],
  download_file_stream: ['file', 'file_id'],
  forward_friend_single_msg: ['user_id', 'group_id'],
  forward_group_single_msg: ['user_id', 'group_id'],
  get_file: ['file', 'file_id'],
  get_forward_msg: ['message_id', 'id'],
  get_image: ['file', 'file_id'],
  get_record: ['file', 'file_id'],
  mark_group_msg_as_read: ['message_id', 'user_id', 'group_id'],
  mark_msg_as_read: ['message_id', 'user_id', 'group_id'],
  mark_private_msg_as_read: ['message_id', 'user_id', 'group_id'],
  send_ark_share: ['user_id', 'group_id'],
  send_flash_msg: ['user_id', 'group_id'],
  send_forward_msg: ['user_id', 'group_id'],
  send_group_forward_msg: ['group_id'],
  send_msg: ['user_id', 'group_id'],
  send_private_forward_msg: ['user_id'],
  set_group_todo: ['message_id', 'message_seq'],
};
const FORWARDS = ['send_forward_msg', 'send_group_forward_msg', 'send_private_forward_msg'];

/** Parameters of the standard that NapCat ignores: callers who know the standard may pass them, and they are left out. */
const IGNORED: Readonly<Record<string, readonly string[]>> = {
  get_group_info: ['no_cache'],
  set_group_add_request: ['sub_type', 'type'],
  set_group_special_title: ['duration'],
  get_image: ['type'],
  delete_msg: ['self_id'],
};

/** The forms of OneBot 11 that every action has besides its plain one. */
const SUFFIX = /_(async|rate_limited)$/;

/** The name that NapCat is called with, and how the caller wants it done. */
export function formOf(wanted: string): { readonly name: string; readonly form: CallForm } {
  const suffix = SUFFIX.exec(wanted);
  if (suffix === null) return { name: wanted, form: 'plain' };
  return { name: wanted.slice(0, suffix.index), form: suffix[1] as CallForm };
}

/**
 * Checks a wanted action before it goes anywhere, and brings its parameters into the form that is sent: ids as text,
 * messages as arrays of segments. Throws ACTION_INVALID that names action and parameter. Actions that the table does not
 * know pass as they are, except for names that would bypass the outcome of a call. The name may have one of the suffixes `_async`
 * and `_rate_limited`.
 */
export function prepareAction(
  wanted: string,
  params: Params,
  media: MediaPolicy = DEFAULT_MEDIA_POLICY,
): PreparedAction {
  const { name, form } = formOf(wanted);
  checkName(name);
  checkSize(name, params);
  const spec = actionSpec(name);
  if (spec === undefined) return { name, form, params, notes: [] };
  const checks: Checks = { place: placeOf(name, params), media, notes: [] };
  const prepared: Record<string, unknown> = {};
  const ignored = IGNORED[name];
  for (const key of Object.keys(params)) {
    const value = params[key];
    if (value === undefined || ignored?.includes(key) === true) continue;
    prepared[key] = checked(name, key, value, spec, checks);
  }
  for (const key in spec.params) {
    const param = spec.params[key];
    if (param !== undefined && prepared[key] === undefined && isRequired(param))
      throw invalid(name, `parameter ${key} is missing${why(name, key)}`);
  }
  checkOneOf(name, ONE_OF[name], prepared);
  if (FORWARDS.includes(name)) checkOneOf(name, ['messages', 'message'], prepared);
  return { name, form, params: prepared, notes: checks.notes };
}

const NAME = /^\.?[A-Za-z_][A-Za-z0-9_]{0,99}$/;

function checkName(name: string): void {
  if (!NAME.test(name)) throw invalid(name.slice(0, 100), 'is not the name of an action');
  if (SUFFIX.test(name)) throw invalid(name, 'has two suffixes; one of them says how the action is to be called');
  if (name === '.handle_quick_operation') {
    throw invalid(name, 'NapCat answers ok and ignores most of it; call the action that you mean');
  }
}

function checkSize(name: string, params: Params): void {
  let length: number;
  try {
    length = JSON.stringify(params).length;
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'a value threw';
    throw invalid(name, `the parameters cannot be written as JSON: ${reason}`);
  }
  if (length > ACTION_PARAMS_MAX) {
    throw invalid(
      name,
      `the parameters have ${length} characters as JSON; at most ${ACTION_PARAMS_MAX} fit, give large files by URL or from a shared folder`,
    );
  }
}

function checked(name: string, key: string, value: unknown, spec: ActionSpec, checks: Checks): unknown {
  const param = Object.hasOwn(spec.params, key) ? spec.params[key] : undefined;
  if (param === undefined) {
    const known = Object.keys(spec.params);
    const hint = nearest(key, known);
    const next = hint === undefined ? `it takes ${known.join(', ') || 'none'}` : `did you mean ${hint}?`;
    throw invalid(name, `parameter ${key} is not known; ${next}`);
  }
  try {
    return checkParam(value, param, checks);
  } catch (error) {
    throw invalid(name, `parameter ${key}${separator(error)}${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Complaints about a part of a message name that part; others continue the sentence. */
function separator(error: unknown): string {
  return error instanceof RookeryError ? ': ' : ' ';
}

function isRequired(spec: ParamSpec): boolean {
  return typeof spec === 'object' ? spec.required : spec.endsWith('!');
}

function checkOneOf(name: string, alternatives: readonly string[] | undefined, params: Params): void {
  if (alternatives === undefined) return;
  const given = alternatives.some((keys) => keys.split('+').every((key) => params[key] !== undefined));
  if (!given) throw invalid(name, `needs ${alternatives.map((keys) => keys.replaceAll('+', ' and ')).join(', or ')}`);
}

function why(name: string, key: string): string {
  if (name === 'set_group_ban' && key === 'duration') return '; without it NapCat lifts the ban';
  return name === 'set_group_admin' && key === 'enable' ? '; without it NapCat removes the admin' : '';
}

/** NapCat: send_private_msg is private also with a group id (temporary session); send_msg goes to the group when it may. */
function placeOf(name: string, params: Params): Place {
  if (name === 'send_guild_channel_msg') return 'group';
  if (name.startsWith('send_private_') || params['message_type'] === 'private') return 'private';
  return params['group_id'] === undefined ? 'private' : 'group';
}

function invalid(name: string, problem: string): RookeryError {
  return new RookeryError('ACTION_INVALID', `${name}: ${problem}`);
}
