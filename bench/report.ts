import { cpus, loadavg, release, totalmem } from 'node:os';
import { TITLES, type EngineName } from './bench-engine.ts';
import type { StartTimes } from './measure-start.ts';
import type { QuestionTimes, WarmMeasure } from './measure-warm.ts';
import { getQuestion } from './questions.ts';
import { getGeometricMean } from './stats.ts';

/** What `results.json` holds: everything the table and docs/performance.md are made from. Times in ms, sizes in bytes. */
export interface BenchResults {
  readonly size: string;
  readonly events: number;
  readonly commit: string;
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly versions: WarmMeasure['versions'];
  /** Load average of a minute, before and behind the run: above the number of cores the ratios are doubtful. */
  readonly load: readonly [before: number, after: number];
  readonly questions: readonly QuestionTimes[];
  readonly starts: readonly StartTimes[];
  readonly memory: WarmMeasure['memory'];
}
export const getMachine = (): string =>
  `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} threads, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}`;
export const getLoad = (): number => Math.round((loadavg()[0] ?? 0) * 10) / 10;

/** In the order of the columns. */
const PEERS = ['duckdb', 'clickhouse', 'sqlite'] as const;
type Line = readonly [
  what: string,
  duckdb: string,
  clickhouse: string,
  sqlite: string,
  ours: string,
  ratio: string,
  goal: string,
];
const HEADER: Line = [
  '',
  ...PEERS.map((peer) => TITLES[peer]),
  TITLES.tributary,
  'best peer / ours',
  'goal',
] as unknown as Line;
const START_GOALS = { known: 10, raw: 3 } as const;
const MEMORY_GOAL = 3.5;

const formatMs = (ms: number | undefined): string =>
  ms === undefined || Number.isNaN(ms)
    ? '–'
    : ms < 10
      ? ms.toFixed(2)
      : ms < 100
        ? ms.toFixed(1)
        : Math.round(ms).toLocaleString('en');
const formatRatio = (ratio: number): string =>
  Number.isFinite(ratio)
    ? `${ratio < 10 ? ratio.toFixed(2) : ratio < 100 ? ratio.toFixed(1) : Math.round(ratio)}×`
    : '–';
const formatBytes = (bytes: number | undefined): string =>
  bytes === undefined || bytes === 0 ? '–' : `${Math.round(bytes / 1e6)} MB`;

type Values = Partial<Record<EngineName, number>>;
/** Smaller is better. NaN without a peer. */
function getRatio(values: Values): number {
  const peers = PEERS.map((peer) => values[peer] ?? Number.NaN).filter((value) => value > 0);
  return (peers.length === 0 ? Number.NaN : Math.min(...peers)) / (values.tributary ?? Number.NaN);
}
function makeLine(
  what: string,
  values: Values,
  format: (value: number | undefined) => string,
  goal: number | null,
): Line {
  const ratio = getRatio(values);
  // Within a fifth of the figure counts as reached: machines are noisy.
  const goalText = goal === null ? '' : `≥ ${goal}× ${ratio >= goal * 0.8 ? '✓' : '✗'}`;
  return [
    what,
    format(values.duckdb),
    format(values.clickhouse),
    format(values.sqlite),
    format(values.tributary),
    formatRatio(ratio),
    goalText,
  ];
}
const mapValues = <T>(engines: Partial<Record<EngineName, T>>, get: (value: T) => number): Values =>
  Object.fromEntries(Object.entries(engines).map(([name, value]) => [name, get(value)]));

/** The one table: Markdown, ms unless said. Goals are for 10M events and 2 threads. */
export function formatTable(results: BenchResults): string {
  const warm = results.questions.map(({ question, threads, engines }) => {
    const { name, goal } = getQuestion(question);
    return {
      values: mapValues(engines, (times) => times.medianMs),
      what: `${name}, ${threads} t`,
      goal: threads === 2 ? goal : null,
      threads,
    };
  });
  const threadCounts = [...new Set(warm.map((w) => w.threads))];
  const means = threadCounts.map((threads): Line => {
    const ratio = getGeometricMean(warm.filter((w) => w.threads === threads).map((w) => getRatio(w.values)));
    return [
      `geometric mean, ${threads} t`,
      '',
      '',
      '',
      '',
      formatRatio(ratio),
      threads === 2 ? `≥ 30× ${ratio >= 24 ? '✓' : '✗'}` : '',
    ];
  });
  const starts = (['known', 'raw'] as const).map((opening) => {
    const values = Object.fromEntries(
      results.starts.filter((s) => s.opening === opening).map((s) => [s.engine, s.medianMs]),
    );
    return makeLine(
      opening === 'known' ? 'reopen, to first answer' : 'first open, to first answer',
      values,
      formatMs,
      START_GOALS[opening],
    );
  });
  const memory = (['opening', 'answering'] as const).map((when) =>
    makeLine(
      `peak memory, ${when}`,
      mapValues(results.memory, (m) => m[when]),
      formatBytes,
      when === 'answering' ? MEMORY_GOAL : null,
    ),
  );
  const lines = [
    HEADER,
    ...threadCounts.flatMap((threads) =>
      warm.filter((w) => w.threads === threads).map((w) => makeLine(w.what, w.values, formatMs, w.goal)),
    ),
    ...means,
    ...starts,
    ...memory,
  ];
  return [describeRun(results), '', ...toMarkdown(lines), '', ...describeOmissions(results)].join('\n');
}

const describeRun = (r: BenchResults): string =>
  `${r.events.toLocaleString('en')} events, commit ${r.commit}, ${r.machine}, load ${r.load.join(' to ')}, Node ${r.node}, ` +
  PEERS.map((peer) => `${TITLES[peer]} ${r.versions[peer] ?? '–'}`).join(', ');
const describeOmissions = ({ starts }: BenchResults): readonly string[] =>
  starts.flatMap(({ engine, opening, omitted }) =>
    omitted === undefined
      ? []
      : [`- ${TITLES[engine]}, ${opening === 'raw' ? 'first open' : 'reopen'}: left out, ${omitted}.`],
  );

function toMarkdown(lines: readonly Line[]): readonly string[] {
  const widths = HEADER.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const format = (line: readonly string[]): string =>
    `| ${line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [format(lines[0] ?? HEADER), format(rule), ...lines.slice(1).map(format)];
}
