import type { LocalText } from '../local-text';
import { durationText, usageOf, type Argument, type Pattern, type ValueType } from './pattern';
import type { ArgumentProblem } from './read-arguments';

/** What is wrong with what was typed, and how it is typed right, for the person who typed it. */
export function explain(problem: ArgumentProblem, pattern: Pattern, prefix: string): LocalText {
  const { zh, en } = reason(problem);
  const usage = prefix + usageOf(pattern);
  return { zh: `${zh}\n用法：${usage}`, en: `${en}\nUsage: ${usage}` };
}

function reason(problem: ArgumentProblem): LocalText {
  switch (problem.kind) {
    case 'missing': {
      const { name } = problem.argument;
      return {
        zh: `缺少“${name}”：${want(problem.argument.type).zh}。`,
        en: `"${name}" is missing: ${want(problem.argument.type).en}.`,
      };
    }
    case 'unbalanced':
      return { zh: '引号没有成对。', en: 'A quotation mark is not closed.' };
    case 'surplus':
      return {
        zh: `多了“${problem.given}”；含空格的内容请加引号。`,
        en: `"${problem.given}" is too much; put quotation marks around words that belong together.`,
      };
    case 'too_long': {
      const { argument, limit } = problem;
      return {
        zh: `“${argument.name}”太长，最多 ${limit} 个字符。`,
        en: `"${argument.name}" is too long: at most ${limit} characters.`,
      };
    }
    case 'unknown_option':
      return { zh: `没有选项 ${problem.given}。`, en: `There is no option ${problem.given}.` };
    case 'value':
      return valueReason(problem);
  }
}

function valueReason({ argument, given, why }: Extract<ArgumentProblem, { kind: 'value' }>): LocalText {
  const { name } = argument;
  switch (why.kind) {
    case 'wrong_type':
      return {
        zh: `“${name}”应为${want(argument.type).zh}，而不是“${given}”。`,
        en: `"${name}" must be ${want(argument.type).en}, not "${given}".`,
      };
    case 'too_small':
      return {
        zh: `“${name}”不能小于 ${limitText(argument, why.limit)}。`,
        en: `"${name}" must be at least ${limitText(argument, why.limit)}.`,
      };
    case 'too_large':
      return {
        zh: `“${name}”不能大于 ${limitText(argument, why.limit)}。`,
        en: `"${name}" must be at most ${limitText(argument, why.limit)}.`,
      };
    case 'choice': {
      const choices = why.choices.join(', ');
      return { zh: `“${name}”应为以下之一：${choices}。`, en: `"${name}" must be one of ${choices}.` };
    }
  }
}

const limitText = ({ type }: Argument, limit: number): string =>
  type.kind === 'duration' ? durationText(limit) : String(limit);

function want(type: ValueType): LocalText {
  switch (type.kind) {
    case 'int':
      return { zh: '整数', en: 'a whole number' };
    case 'number':
      return { zh: '数字', en: 'a number' };
    case 'string':
    case 'text':
      return { zh: '文字', en: 'a text' };
    case 'bool':
      return { zh: '“开”或“关”', en: '"on" or "off"' };
    case 'at':
      return { zh: '@某人', en: 'a mention (@somebody)' };
    case 'user':
      return { zh: '@某人或 QQ 号', en: 'a mention or a QQ number' };
    case 'group':
      return { zh: '群号', en: 'a group number' };
    case 'image':
      return { zh: '图片', en: 'a picture' };
    case 'duration':
      return { zh: '时长（例如 10m、1h30m）', en: 'a duration (like 10m or 1h30m)' };
    case 'choice':
      return { zh: type.choices.join('、'), en: `one of ${type.choices.join(', ')}` };
  }
}
