import { CONTESTANTS, PEERS, TITLES, type EngineName } from './bench-engine.ts';
import { getSections, judge, type Goal, type Line, type Unit, type Verdict } from './lines.ts';
import type { BenchResults } from './results.ts';

const COLUMNS = [...PEERS, ...CONTESTANTS.filter((name) => name.startsWith('tributary')).toReversed()];
const HEADER = [
  '',
  ...COLUMNS.map((name) => TITLES[name]),
  'best peer / by scan',
  'best peer / ours',
  '1 thread',
  'goal',
];
const MARKS: Readonly<Record<Verdict, string>> = { reached: '✓', within: '✓ within 20 %', missed: '✗', unknown: '–' };

export const trim = (value: number): string =>
  value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
export function formatValue(value: number, unit: Unit): string {
  if (unit === 'bytes') return `${Math.round(value / 1e6).toLocaleString('en')} MB`;
  return unit === 'ms' ? trim(value) : `${trim(value)} ${unit}`;
}
export const formatRatio = (ratio: number | undefined): string =>
  ratio === undefined || !Number.isFinite(ratio) ? '' : `${trim(ratio)}×`;

/** `scan ≥ 30×: 32× ✓`. */
export function formatGoal(goal: Goal): string {
  const sign = goal.kind === 'ratio' ? `≥ ${goal.goal.toLocaleString('en')}×` : `≤ ${goal.goal}`;
  const measured = goal.kind === 'value' && Number.isFinite(goal.measured) ? `: ${trim(goal.measured)}` : '';
  return `${goal.label === '' ? '' : `${goal.label} `}${sign}${measured} ${MARKS[judge(goal)]}`;
}
const toCells = (line: Line): readonly string[] => [
  line.what,
  ...COLUMNS.map((name) => {
    const value = line.values[name];
    return value === undefined || !(value > 0) ? '' : formatValue(value, line.unit);
  }),
  formatRatio(line.ratioByScan),
  formatRatio(line.ratio),
  formatRatio(line.ratioAlone),
  line.goals.map(formatGoal).join('; '),
];

/** The one table, Markdown. Goals are for 10M events. */
export function formatTable(results: BenchResults): string {
  return toMarkdown(getSections(results).flatMap(({ lines }) => lines.map(toCells))).join('\n');
}
export function describeRun(r: BenchResults): string {
  const versions = [...PEERS].map((name: EngineName) => `${TITLES[name]} ${r.versions[name] ?? '(not asked)'}`);
  return [
    `${(r.held?.events ?? 0).toLocaleString('en')} events of ${(r.held?.actors ?? 0).toLocaleString('en')} actors; ${r.machine}; load ${r.load.join(' to ')}.`,
    `Node ${r.node}, ${versions.join(', ')}; commit ${r.commit}, ${r.date.slice(0, 10)}, ${Math.round(r.seconds)} s.`,
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
