import { TITLES, type EngineName } from './bench-engine.ts';
import type { QuestionTimes } from './measure-warm.ts';
import { PEERS, type Peer } from './question.ts';
import { getQuestion } from './questions.ts';
import type { BenchResults } from './results.ts';
import { getGeometricMean } from './stats.ts';

type Values = Partial<Record<EngineName, number>>;
interface Line {
  readonly what: string;
  readonly values: Values;
  readonly format: (value: number) => string;
  /** Best peer / ours with two threads, and with one where that was measured. */
  readonly ratio: number;
  readonly ratioAlone?: number;
  /** `≥ 30×`. */
  readonly goal?: number | null;
  /** The same with an index or counters made beforehand. */
  readonly preparedGoal?: number;
}
const HEADER = ['', ...PEERS.map((peer) => TITLES[peer]), TITLES.tributary, 'best peer / ours', '1 thread', 'goal'];

/** Files of a known source; files of a raw one against ClickHouse's own reader; the same against SQL. */
const START_GOALS = { reopen: 10, firstOpen: 3, firstOpenSql: 55 } as const;
const MEAN_GOAL = 30;
const MEMORY_GOAL = 3.5;
/** A row store's memory is small because it goes to the file every time: no measure for us. */
const COLUMN_STORES: readonly Peer[] = ['duckdb', 'clickhouse'];

const trim = (value: number): string =>
  value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
const formatBytes = (bytes: number): string => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;

/** Smaller values are better. NaN without a peer. */
function getRatio(values: Values, peers: readonly Peer[] = PEERS): number {
  const theirs = peers.map((peer) => values[peer] ?? Number.NaN).filter((value) => value > 0);
  return (theirs.length === 0 ? Number.NaN : Math.min(...theirs)) / (values.tributary ?? Number.NaN);
}
const mapValues = <T>(engines: Partial<Record<EngineName, T>>, get: (value: T) => number): Values =>
  Object.fromEntries(Object.entries(engines).map(([name, value]) => [name, get(value)]));
const mediansOf = ({ engines }: QuestionTimes): Values => mapValues(engines, (times) => times.medianMs);

function getWarmLines({ questions }: BenchResults): readonly Line[] {
  const [threads] = questions.map((q) => q.threads);
  const lines = questions
    .filter((q) => q.threads === threads)
    .map((q): Line => {
      const { name, goal, preparedGoal } = getQuestion(q.question);
      const values = mediansOf(q);
      const alone = questions.find((other) => other.question === q.question && other.threads !== threads);
      return {
        what: name,
        values,
        format: trim,
        ratio: getRatio(values),
        goal,
        ...(alone === undefined ? {} : { ratioAlone: getRatio(mediansOf(alone)) }),
        ...(preparedGoal === undefined ? {} : { preparedGoal }),
      };
    });
  const mean: Line = {
    what: 'geometric mean',
    values: {},
    format: trim,
    ratio: getGeometricMean(lines.map((line) => line.ratio)),
    ratioAlone: getGeometricMean(lines.map((line) => line.ratioAlone ?? Number.NaN)),
    goal: MEAN_GOAL,
    preparedGoal: 2 * MEAN_GOAL,
  };
  return [...lines, mean];
}

function getStartLines({ starts }: BenchResults): readonly Line[] {
  if (starts.length === 0) return [];
  const valuesOf = (opening: 'known' | 'raw'): Values =>
    Object.fromEntries(starts.filter((s) => s.opening === opening).map((s) => [s.engine, s.medianMs]));
  const { sqlite, ...raw } = valuesOf('raw');
  const ours = raw.tributary === undefined ? {} : { tributary: raw.tributary };
  const bySql: Values = sqlite === undefined ? ours : { ...ours, sqlite };
  const line = (what: string, values: Values, goal: number): Line => ({
    what,
    values,
    format: trim,
    ratio: getRatio(values),
    goal,
  });
  return [
    line('reopen, process start to answer', valuesOf('known'), START_GOALS.reopen),
    line('first open, process start to answer', raw, START_GOALS.firstOpen),
    line('the same against SQL on the snapshot', bySql, START_GOALS.firstOpenSql),
  ];
}

function getMemoryLines({ memory }: BenchResults): readonly Line[] {
  return (['opening', 'answering'] as const).map((when) => {
    const values = mapValues(memory, (m) => m[when]);
    const line: Line = {
      what: `peak memory, ${when}`,
      values,
      format: formatBytes,
      ratio: getRatio(values, COLUMN_STORES),
    };
    return when === 'answering' ? { ...line, goal: MEMORY_GOAL } : line;
  });
}

/** Within a fifth of the figure counts as reached: machines are noisy. */
function formatGoal({ goal, preparedGoal, ratio }: Line): string {
  if (goal === undefined || goal === null) return '';
  const prepared = preparedGoal === undefined ? '' : ` (${preparedGoal.toLocaleString('en')}×)`;
  return `≥ ${goal}×${prepared} ${ratio >= goal * 0.8 ? '✓' : '✗'}`;
}
function toCells(line: Line): readonly string[] {
  const show = (value: number | undefined, format: (value: number) => string): string =>
    value === undefined || !(value > 0) ? '' : format(value);
  const ratio = (value: number | undefined): string => show(value, (v) => `${trim(v)}×`);
  return [
    line.what,
    ...[...PEERS, 'tributary' as const].map((name) => show(line.values[name], line.format)),
    ratio(line.ratio),
    ratio(line.ratioAlone),
    formatGoal(line),
  ];
}

/** The one table, Markdown. Goals are for 10M events; in brackets those with an index or counters. */
export function formatTable(results: BenchResults): string {
  const lines = [...getWarmLines(results), ...getStartLines(results), ...getMemoryLines(results)].map(toCells);
  return [describeRun(results), '', ...toMarkdown(lines), '', ...results.omissions.map((text) => `- ${text}`)].join(
    '\n',
  );
}

function describeRun(r: BenchResults): string {
  const version = (name: EngineName): string => `${TITLES[name]} ${r.engines[name]?.version ?? '(not asked)'}`;
  const bytes = (r.engines.tributary?.bytes ?? 0) / r.events;
  return [
    `${r.events.toLocaleString('en')} events; ${r.machine}; load ${r.load.join(' to ')}; Node ${r.node}; commit ${r.commit}.`,
    `${PEERS.map(version).join(', ')}. Ours holds ${bytes.toFixed(1)} bytes an event (goal: 8 without payload and index).`,
    'Milliseconds, medians, 2 threads; answers are equal.',
  ].join('\n');
}

function toMarkdown(lines: readonly (readonly string[])[]): readonly string[] {
  const widths = HEADER.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const format = (line: readonly string[]): string =>
    `| ${line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [format(HEADER), format(rule), ...lines.map(format)];
}
