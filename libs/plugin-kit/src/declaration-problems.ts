import { needProblem } from '@rookery/protocol';
import { parseCooldown } from './cooldown';
import { cronProblem } from './cron';
import type { Declarations, EveryOptions, HandlerOptions, MessageOptions, ParameterSource } from './declarations';
import { isEventSelector } from './event-selector';
import { linearRegexProblem } from './linear-regex';
import { parsePattern } from './pattern/parse-pattern';
import type { Pattern } from './pattern/pattern';

const PLUGIN_ID = /^[a-z][a-z0-9-]{0,31}$/;
/** Becomes part of action ids, together with an event id of up to 120 characters; they hold at most 200. */
const METHOD = /^[A-Za-z_][A-Za-z0-9_]{0,39}$/;
const NAME = /^[^\s<>[\]-][^\s<>[\]]*(?: [^\s<>[\]-][^\s<>[\]]*)*$/;
const NAME_MAX = 64;
const KEYWORD_MAX = 64;
const SENDER = /^(?:pool:[A-Za-z0-9][A-Za-z0-9_-]{0,63}|account:[1-9]\d{0,19})$/;
/** `setTimeout` fires at once beyond it. */
const DEADLINE_MAX_MS = 2 ** 31 - 1;

/** All that is wrong with what the decorators of a class declare; empty when nothing is. */
export function declarationProblems(declared: Declarations, prototype: object): string[] {
  return [
    ...pluginProblems(declared),
    ...handlersOf(declared).flatMap(({ method, options }) => handlerProblems(method, options, prototype)),
    ...declared.commands.flatMap(({ method, pattern, options }) => [
      ...patternProblems(method, pattern),
      ...aliasProblems(method, options.alias),
    ]),
    ...declared.keywords.flatMap(({ method, words }) => keywordProblems(method, words)),
    ...declared.regexes.flatMap(({ method, source }) => regexProblems(method, source)),
    ...declared.listeners.flatMap(({ method, selector }) => selectorProblems(method, selector)),
    ...declared.schedules.flatMap(({ method, cron, options }) => scheduleProblems(method, cron, options)),
    ...strayProblems(declared, prototype),
    ...parameterProblems(declared, prototype),
  ];
}

type DeclaredHandler = { readonly method: string; readonly options: HandlerOptions & Pick<MessageOptions, 'cooldown'> };

function handlersOf(declared: Declarations): readonly DeclaredHandler[] {
  const { commands, keywords, regexes, listeners, schedules } = declared;
  return [...commands, ...keywords, ...regexes, ...listeners, ...schedules];
}

function pluginProblems(declared: Declarations): string[] {
  const problems: string[] = [];
  const { plugin } = declared;
  if (!PLUGIN_ID.test(plugin?.id ?? '')) {
    problems.push(`its id ${JSON.stringify(plugin?.id)} must be 1 to 32 lower-case letters, digits or dashes`);
  }
  if (plugin?.config !== undefined && typeof plugin.config.safeParse !== 'function') {
    problems.push('its config is no zod schema; write config: z.object({ … })');
  }
  problems.push(...needProblems(plugin?.needs ?? []));
  if (handlersOf(declared).length === 0) {
    problems.push('it has no handler; put @Command, @Keyword, @Regex, @On or @Every above one of its methods');
  }
  return problems;
}

function needProblems(needs: unknown): string[] {
  if (!Array.isArray(needs)) return ["its needs must be a list, like ['moderate']"];
  return (needs as unknown[]).flatMap((need) => {
    const problem = needProblem(String(need));
    return problem === undefined ? [] : [`it cannot need ${JSON.stringify(need)}: ${problem}`];
  });
}

function handlerProblems(method: string, options: DeclaredHandler['options'], prototype: object): string[] {
  const problems: string[] = [];
  const { deadlineMs, priority, cooldown } = options;
  if (!METHOD.test(method)) {
    problems.push(`method ${method}: its name must have at most 40 letters, digits or underscores`);
  }
  if (!isMethod(prototype, method)) problems.push(`${method} is no method of its instances`);
  if (deadlineMs !== undefined && !(deadlineMs > 0 && deadlineMs <= DEADLINE_MAX_MS)) {
    problems.push(`method ${method}: deadlineMs is ${deadlineMs}; it must be between 1 and ${DEADLINE_MAX_MS}`);
  }
  if (priority !== undefined && !Number.isFinite(priority)) {
    problems.push(`method ${method}: priority is ${priority}; it must be a number`);
  }
  if (cooldown !== undefined && !parseCooldown(cooldown)) {
    problems.push(
      `method ${method}: the cooldown "${cooldown}" must look like 3s/user, 1m/group or 1h/global, up to a day`,
    );
  }
  return problems;
}

function patternProblems(method: string, text: string): string[] {
  const parsed = parsePattern(text);
  const problems = parsed.ok ? [] : [...parsed.problems];
  if (parsed.ok && parsed.pattern.name.length > NAME_MAX)
    problems.push(`its name has more than ${NAME_MAX} characters`);
  return problems.map((problem) => `method ${method}: the pattern "${text}": ${problem}`);
}

function aliasProblems(method: string, alias: string | readonly string[] = []): string[] {
  const aliases = typeof alias === 'string' ? [alias] : alias;
  return aliases
    .filter((name) => !NAME.test(name) || name.length > NAME_MAX)
    .map((name) => `method ${method}: the alias "${name}" must be one word or words with single blanks`);
}

function keywordProblems(method: string, words: readonly string[]): string[] {
  if (words.length === 0) return [`method ${method}: @Keyword needs at least one word`];
  return words
    .filter((word) => word.trim() === '' || word.length > KEYWORD_MAX)
    .map(
      (word) =>
        `method ${method}: the keyword "${word.slice(0, KEYWORD_MAX)}" must have 1 to ${KEYWORD_MAX} characters`,
    );
}

function regexProblems(method: string, source: string): string[] {
  const problem = linearRegexProblem(source);
  return problem === undefined
    ? []
    : [`method ${method}: the expression ${source} cannot be run in linear time: ${problem}`];
}

function selectorProblems(method: string, selector: string): string[] {
  if (isEventSelector(selector)) return [];
  return [`method ${method}: there are no events "${selector}"; write a type like "message" or "notice.friend_add"`];
}

function scheduleProblems(method: string, cron: string, { tz = 'UTC', sender }: EveryOptions): string[] {
  const problems: string[] = [];
  const problem = cronProblem(cron);
  if (problem !== undefined) {
    problems.push(`"${cron}" must be a cron expression of five or six fields, like "0 9 * * *": ${problem}`);
  }
  if (!isTimeZone(tz)) problems.push(`there is no time zone "${tz}"; write one like Asia/Shanghai`);
  if (!SENDER.test(sender)) problems.push(`the sender "${sender}" must look like pool:news or account:10001`);
  return problems.map((problem) => `method ${method}: ${problem}`);
}

/** Guards and middleware of what is no handler or no method would be without effect, in silence. */
function strayProblems(declared: Declarations, prototype: object): string[] {
  const handlers = new Set(handlersOf(declared).map(({ method }) => method));
  const stray = [...declared.guards, ...declared.parameters].flatMap(({ method }) =>
    method === undefined || handlers.has(method) ? [] : [method],
  );
  return [
    ...[...new Set(stray)].map(
      (method) => `method ${method}: it is no handler, so @Use, @Arg and @Ctx have no effect on it`,
    ),
    ...declared.middleware
      .filter((method) => !isMethod(prototype, method))
      .map((method) => `middleware ${method} is no method of its instances`),
  ];
}

function parameterProblems(declared: Declarations, prototype: object): string[] {
  const methods = new Set(declared.parameters.map(({ method }) => method));
  return [...methods].flatMap((method) => {
    const sources: (ParameterSource | undefined)[] = [];
    for (const { index, source } of declared.parameters.filter((parameter) => parameter.method === method)) {
      sources[index] = source;
    }
    const { length } = (prototype as Readonly<Record<string, { length: number }>>)[method] ?? { length: 0 };
    const all = Array.from({ length: Math.max(length, sources.length) }, (_, index) => sources[index]);
    const problems = all.flatMap((source, index) =>
      source === undefined
        ? [`parameter ${index + 1} has no decorator, and others have; add @Arg, @Option or @Ctx`]
        : [],
    );
    const finds = [...declared.keywords, ...declared.regexes].some((handler) => handler.method === method);
    if (sources.some((source) => source?.kind === 'match') && !finds) {
      problems.push('@Found belongs to handlers of @Keyword and @Regex');
    }
    problems.push(...argumentProblems(declared, method, sources));
    return problems.map((problem) => `method ${method}: ${problem}`);
  });
}

/** The compiler compares the parameters with the pattern by their place, so the names must stand in the same places. */
function argumentProblems(
  declared: Declarations,
  method: string,
  sources: readonly (ParameterSource | undefined)[],
): string[] {
  const wanted = sources.flatMap((source) => (source?.kind === 'arg' || source?.kind === 'option' ? [source] : []));
  if (wanted.length === 0) return [];
  const command = declared.commands.find((handler) => handler.method === method);
  if (!command) return ['@Arg and @Option belong to handlers of @Command'];
  const parsed = parsePattern(command.pattern);
  if (!parsed.ok) return [];
  const declaredNames = namesOf(parsed.pattern);
  return wanted.flatMap((source, place) => {
    const expected = declaredNames[place];
    if (expected !== undefined && expected.kind === source.kind && expected.name === source.name) return [];
    const order = declaredNames.map(({ kind, name }) => `${kind === 'arg' ? '@Arg' : '@Option'}('${name}')`).join(', ');
    return [`"${source.name}" is not what the pattern has in this place; the pattern has ${order || 'no arguments'}`];
  });
}

function namesOf({
  arguments: args,
  options,
}: Pattern): readonly { readonly kind: 'arg' | 'option'; readonly name: string }[] {
  return [
    ...args.map(({ name }) => ({ kind: 'arg' as const, name })),
    ...options.map(({ name }) => ({ kind: 'option' as const, name })),
  ];
}

const isMethod = (prototype: object, method: string): boolean =>
  typeof (prototype as Readonly<Record<string, unknown>>)[method] === 'function';

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
