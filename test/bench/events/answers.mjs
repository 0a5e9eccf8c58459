/** The closed loop of commands that are answered, and nothing else: Rookery and the plain design in turn. */
import { median } from '../report.mjs';
import { parts } from './compare.mjs';
import { answerInTurn, converse, QUESTIONS_AT_ONCE, ratioInTurn } from './measure.mjs';
import { startPlain, startRookery } from './subjects.mjs';

/** A service runs for weeks: the compiler is done with most of what answers use after some 15,000 of them. */
const SHAPE = {
  full: { warmUpSeconds: 30, loops: 12 },
  quick: { warmUpSeconds: 5, loops: 3 },
};

/** Shows what an answer costs each process. Medians of all loops; the goal is for the ratio of answers per second. */
export async function compareAnswers({ keep, drop, report, quick }) {
  const { warmUpSeconds, loops } = SHAPE[quick ? 'quick' : 'full'];
  const subjects = [await keep(startPlain), await keep(startRookery)];
  for (const subject of subjects) await converse(subject, QUESTIONS_AT_ONCE, warmUpSeconds);
  const results = await answerInTurn(subjects, loops);
  for (const subject of subjects) await drop(subject);
  for (const [at, { name, pids }] of subjects.entries()) show(report, name, Object.keys(pids), results[at]);
  const [plain, rookery] = results;
  const answers = ratioInTurn(rookery, plain, ({ perSecond }) => perSecond);
  report.figure('answers_per_s_ratio_to_plain', answers, '×', { atLeast: 1.3 });
  report.figure(
    'cpu_per_answer_ratio_to_plain',
    ratioInTurn(rookery, plain, ({ total }) => total),
    '×',
  );
}

function show(report, name, processes, loops) {
  const middle = (pick) => median(loops.map(pick));
  const [perSecond, total] = [middle((loop) => loop.perSecond), middle((loop) => loop.total)];
  const cpu = Object.fromEntries(processes.map((part) => [part, middle((loop) => loop.cpu[part])]));
  report.figure(`${name}_answers_per_s`, perSecond, '1/s');
  report.figure(`${name}_cpu_us_per_answer`, total, 'µs');
  report.row({
    subject: name,
    'answers/s': Math.round(perSecond),
    'CPU µs/answer': Math.round(total),
    'of which': parts(cpu),
  });
}
