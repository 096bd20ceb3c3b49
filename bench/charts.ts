import { PEERS, TITLES, type Contestant } from './bench-engine.ts';
import { COLOURS, bar, dot, getDecades, line, text, toLogScale, toSvg } from './chart.ts';
import { getSections, judge, type Line } from './lines.ts';
import type { BenchResults } from './results.ts';
import { formatRatio, formatValue, trim } from './table.ts';

const WIDTH = 860;
const LABELS = 220;
const RIGHT = 190;
const TIMES_RIGHT = 48;
const TOP = 92;
const ROW = 26;

const warmLines = (results: BenchResults): readonly Line[] => getSections(results)[0]?.lines ?? [];
const timedLines = (results: BenchResults): readonly Line[] =>
  warmLines(results).filter((l) => Object.keys(l.values).length > 0);

/** Rows of a chart with a logarithmic axis: labels on the left, grid lines at powers of ten. */
function frame(names: readonly string[], decades: readonly number[], unit: string, to: number): readonly string[] {
  const scale = toLogScale(decades, LABELS, to);
  const bottom = TOP + names.length * ROW;
  return [
    ...decades.flatMap((value) => [
      line(scale(value), TOP - 8, scale(value), bottom, value === 1 && unit === '×' ? 'var(--strong)' : 'var(--line)'),
      text(scale(value), bottom + 16, `${value.toLocaleString('en')} ${unit}`.replace(' ×', '×'), {
        anchor: 'middle',
        className: 'muted',
      }),
    ]),
    ...names.map((name, i) => text(LABELS - 12, rowY(i) + 4, name, { anchor: 'end' })),
  ];
}
const rowY = (row: number): number => TOP + (row + 0.5) * ROW;
const heightOf = (rows: number): number => TOP + rows * ROW + 32;

/** How far ahead of the best peer: by scan (hollow) and with what is derived (filled); the goal as a stroke. */
export function drawRatios(results: BenchResults): string {
  const lines = warmLines(results).filter((l) => Number.isFinite(l.ratio));
  const goalsOf = ({ goals }: Line): readonly number[] => goals.map(({ goal }) => goal);
  const decades = getDecades([1, ...lines.flatMap((l) => [l.ratio ?? 1, l.ratioByScan ?? 1, ...goalsOf(l)])]);
  const scale = toLogScale(decades, LABELS, WIDTH - RIGHT);
  const marks = lines.flatMap((l, i) => {
    const y = rowY(i);
    const ratio = l.ratio ?? Number.NaN;
    const byScan = l.ratioByScan ?? Number.NaN;
    const isMissed = l.goals.some((goal) => judge(goal) === 'missed');
    return [
      line(scale(1), y, scale(ratio), y, 'var(--ours)', 2),
      ...goalsOf(l).map((goal) => line(scale(goal), y - 8, scale(goal), y + 8, 'var(--text)', 2)),
      ...(Number.isFinite(byScan)
        ? [dot(scale(byScan), y, 'var(--ours)', `by scan ${formatRatio(byScan)}`, true)]
        : []),
      dot(scale(ratio), y, 'var(--ours)', formatRatio(ratio)),
      text(
        WIDTH - RIGHT + 16,
        y + 4,
        `${formatRatio(ratio)}${Number.isFinite(byScan) ? ` (${formatRatio(byScan)})` : ''}`,
      ),
      ...(l.goals.length === 0
        ? []
        : [
            text(WIDTH - 16, y + 4, isMissed ? 'missed' : 'reached', {
              anchor: 'end',
              fill: isMissed ? 'var(--danger)' : 'var(--good)',
            }),
          ]),
    ];
  });
  return toSvg({
    width: WIDTH,
    height: heightOf(lines.length),
    title: `How far ahead of the best peer, ${results.size} events`,
    subtitle: 'Best peer’s time / ours, 2 threads, logarithmic. Hollow and in brackets: by scan alone. Stroke: a goal.',
    marks: [
      ...frame(
        lines.map((l) => l.what),
        decades,
        '×',
        WIDTH - RIGHT,
      ),
      ...marks,
    ],
  });
}

const DOTTED: readonly Contestant[] = ['tributary', ...PEERS];
const colourOf = (name: Contestant): string => COLOURS[name as keyof typeof COLOURS];

/** Each engine's time for each question. */
export function drawTimes(results: BenchResults): string {
  const lines = timedLines(results);
  const decades = getDecades(lines.flatMap((l) => DOTTED.map((name) => l.values[name] ?? Number.NaN)));
  const scale = toLogScale(decades, LABELS, WIDTH - TIMES_RIGHT);
  const marks = lines.flatMap((l, i) => {
    const found = DOTTED.flatMap((name) => {
      const value = l.values[name];
      return value === undefined ? [] : [{ name, value }];
    });
    const xs = found.map(({ value }) => scale(value));
    return [
      line(Math.min(...xs), rowY(i), Math.max(...xs), rowY(i), 'var(--strong)'),
      ...found.map(({ name, value }) =>
        dot(
          scale(value),
          rowY(i),
          colourOf(name),
          `${TITLES[name]}: ${formatValue(value, 'ms')} ms`,
          name !== 'tributary',
        ),
      ),
    ];
  });
  return toSvg({
    width: WIDTH,
    height: heightOf(lines.length),
    title: `Time to an answer, ${results.size} events`,
    subtitle: 'Medians of interleaved rounds, 2 threads (SQLite: 1), logarithmic; answers are equal bit for bit.',
    marks: [
      ...DOTTED.map((name, i) =>
        text(LABELS + i * 110, 72, `● ${TITLES[name]}`, { className: 'key', fill: colourOf(name) }),
      ),
      ...frame(
        lines.map((l) => l.what),
        decades,
        'ms',
        WIDTH - TIMES_RIGHT,
      ).map((mark) => mark),
      ...marks,
    ],
  });
}

interface Bars {
  readonly title: string;
  readonly values: readonly { readonly name: Contestant; readonly value: number; readonly label: string }[];
}
/** From process start to the first answer, and memory: bars from zero, each group on its own scale. */
export function drawStarts(results: BenchResults): string {
  const groups = [
    ...(['known', 'raw'] as const).map((opening): Bars => ({
      title:
        opening === 'known'
          ? 'Reopen: process start to answer'
          : 'First open of the raw snapshot: process start to answer',
      values: results.starts
        .filter((s) => s.opening === opening)
        .map((s) => ({ name: s.engine, value: s.medianMs, label: `${trim(s.medianMs)} ms` })),
    })),
    {
      title: 'Peak memory while answering',
      values: DOTTED.flatMap((name) => {
        const value =
          name in results.memory ? results.memory[name as keyof typeof results.memory]?.answering : undefined;
        return value === undefined ? [] : [{ name, value, label: formatValue(value, 'bytes') }];
      }),
    },
  ].filter((group) => group.values.length > 0);
  const marks: string[] = [];
  let y = 78;
  for (const { title, values } of groups) {
    marks.push(text(16, y, title, { className: 'key' }));
    const most = Math.max(...values.map(({ value }) => value));
    for (const { name, value, label } of values) {
      y += 22;
      const width = (value / most) * (WIDTH - LABELS - 100);
      marks.push(
        text(LABELS - 100 - 12, y + 4, TITLES[name], { anchor: 'end' }),
        bar(LABELS - 100, y - 7, width, 14, colourOf(name)),
        text(LABELS - 100 + width + 8, y + 4, label),
      );
    }
    y += 40;
  }
  return toSvg({
    width: WIDTH,
    height: y,
    title: `Start and memory, ${results.size} events`,
    subtitle:
      'Files in the page cache; each process is the least that asks its engine, ours is the built command line.',
    marks,
  });
}
