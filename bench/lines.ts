import { CONTESTANTS, PEERS, type Contestant, type EngineName, type Peer } from './bench-engine.ts';
import type { Opening } from './measure-start.ts';
import type { QuestionTimes } from './measure-warm.ts';
import type { Goals } from './question.ts';
import { getQuestion } from './questions.ts';
import type { BenchResults } from './results.ts';
import { getGeometricMean } from './stats.ts';

export type Values = Partial<Record<Contestant, number>>;
export type Unit = 'ms' | 'bytes' | 'ns/event' | 'B/event';
/** A goal with what was measured: a ratio that should be at least this, or a value that should be at most this. */
export interface Goal {
  readonly label: string;
  readonly kind: 'ratio' | 'value';
  readonly goal: number;
  readonly measured: number;
}
/** A row of the table. Ratios are best peer / ours; NaN where there is no peer. */
export interface Line {
  readonly what: string;
  readonly unit: Unit;
  readonly values: Values;
  readonly ratio?: number;
  readonly ratioByScan?: number;
  /** With one thread. */
  readonly ratioAlone?: number;
  readonly goals: readonly Goal[];
}
export interface Section {
  readonly title: string;
  readonly lines: readonly Line[];
}

/** Within a fifth of the figure counts as reached: machines are noisy. */
export const TOLERANCE = 0.2;
export type Verdict = 'reached' | 'within' | 'missed' | 'unknown';
export function judge({ kind, goal, measured }: Goal): Verdict {
  if (!Number.isFinite(measured)) return 'unknown';
  const share = kind === 'ratio' ? measured / goal : 2 - measured / goal;
  return share >= 1 ? 'reached' : share >= 1 - TOLERANCE ? 'within' : 'missed';
}

const MEAN_GOALS: Goals = { byScan: 30, ours: 60 };
/** The questions of the mean that the goals speak of. */
const MEAN_OF: readonly string[] = ['funnel-7d', 'funnel-30d', 'hourly', 'daily-actors', 'transitions', 'state-at'];
/** A row store's memory is small because it goes to the file every time: no measure for us. */
const COLUMN_STORES: readonly Peer[] = ['duckdb', 'clickhouse'];

/** Smaller values are better. NaN without a peer. */
function getRatio(values: Values, ours: Contestant = 'tributary', peers: readonly Peer[] = PEERS): number {
  const theirs = peers.map((peer) => values[peer] ?? Number.NaN).filter((value) => value > 0);
  return (theirs.length === 0 ? Number.NaN : Math.min(...theirs)) / (values[ours] ?? Number.NaN);
}
const valuesOf = ({ engines }: QuestionTimes): Values =>
  Object.fromEntries(CONTESTANTS.flatMap((name) => (engines[name] ? [[name, engines[name].medianMs]] : [])));

function getRatioGoals(goals: Goals, size: string, ratio: number, ratioByScan: number): readonly Goal[] {
  const ours = size === '50M' ? (goals.oursAt50M ?? goals.ours) : goals.ours;
  const all: Goal[] = [];
  if (goals.byScan !== undefined) all.push({ label: 'scan', kind: 'ratio', goal: goals.byScan, measured: ratioByScan });
  if (ours !== undefined) all.push({ label: '', kind: 'ratio', goal: ours, measured: ratio });
  return all;
}

function getWarmLines({ questions, size }: BenchResults): readonly Line[] {
  const most = Math.max(...questions.map((q) => q.threads));
  return questions
    .filter((q) => q.threads === most)
    .map((q): Line => {
      const { name, goals } = getQuestion(q.question);
      const values = valuesOf(q);
      const alone = questions.find((other) => other.question === q.question && other.threads !== most);
      const [ratio, ratioByScan] = [getRatio(values), getRatio(values, 'tributary-scan')];
      const line = { what: name, unit: 'ms', values, ratio, ratioByScan } as const;
      return {
        ...line,
        goals: getRatioGoals(goals, size, ratio, ratioByScan),
        ...(alone === undefined ? {} : { ratioAlone: getRatio(valuesOf(alone)) }),
      };
    });
}

function getMeanLines(results: BenchResults): readonly Line[] {
  const lines = getWarmLines(results);
  const ofSix = new Set(MEAN_OF.map((id) => getQuestion(id).name));
  const mean = (what: string, of: readonly Line[], goals: Goals): Line => {
    const over = (get: (line: Line) => number | undefined): number =>
      getGeometricMean(of.map((line) => get(line) ?? Number.NaN));
    const [ratio, ratioByScan] = [over((l) => l.ratio), over((l) => l.ratioByScan)];
    const all = getRatioGoals(goals, results.size, ratio, ratioByScan);
    return { what, unit: 'ms', values: {}, ratio, ratioByScan, ratioAlone: over((l) => l.ratioAlone), goals: all };
  };
  return [
    mean(
      'geometric mean of six',
      lines.filter((line) => ofSix.has(line.what)),
      MEAN_GOALS,
    ),
    mean('geometric mean of all', lines, {}),
  ];
}

const atMost = (measured: number, goal: number, label = ''): Goal => ({ label, kind: 'value', goal, measured });
const atLeast = (measured: number, goal: number): Goal => ({ label: '', kind: 'ratio', goal, measured });

function getStartLines({ starts, held }: BenchResults): readonly Line[] {
  const ofOpening = (opening: Opening): Values =>
    Object.fromEntries(starts.filter((s) => s.opening === opening).map((s) => [s.engine, s.medianMs]));
  const line = (what: string, values: Values, peers: readonly Peer[], goal: number): Line => {
    const ratio = getRatio(values, 'tributary', peers);
    return { what, unit: 'ms', values, ratio, goals: [atLeast(ratio, goal)] };
  };
  const raw = ofOpening('raw');
  const payload = ofOpening('payload');
  const perEvent = ((payload.tributary ?? Number.NaN) * 1e6) / (held?.events ?? Number.NaN);
  const { sqlite, clickhouse, tributary } = raw;
  const only = (peer: Values): Values => (tributary === undefined ? peer : { ...peer, tributary });
  return [
    line('reopen, process start to answer', ofOpening('known'), PEERS, 10),
    line(
      'first open of the snapshot, against ClickHouse’s sqlite()',
      only(clickhouse === undefined ? {} : { clickhouse }),
      PEERS,
      3,
    ),
    line('the same, against SQL on the snapshot', only(sqlite === undefined ? {} : { sqlite }), PEERS, 55),
    {
      what: 'first open with plan, amount and shop columns',
      unit: 'ms',
      values: payload,
      goals: [{ label: 'ns/event', kind: 'value', goal: 160, measured: perEvent }],
    },
  ];
}

function getChangeLines({ scrub, newDay }: BenchResults): readonly Line[] {
  const lines: Line[] = [];
  if (scrub !== null) {
    const values = { tributary: scrub.medianMs, 'tributary-scan': scrub.scanMs };
    lines.push({ what: 'a step of scrubbing as-of', unit: 'ms', values, goals: [atMost(scrub.medianMs, 1, 'ms')] });
  }
  if (newDay !== null)
    lines.push({
      what: `a new day (${newDay.events.toLocaleString('en')} events), file changed to answer`,
      unit: 'ms',
      values: { tributary: newDay.medianMs },
      goals: [atMost(newDay.medianMs, 20, 'visible, ms'), atMost(newDay.medianMs, 65, 'merged, ms')],
    });
  return lines;
}

function getMemoryLines({ memory, held, starts }: BenchResults): readonly Line[] {
  const peaks = (when: 'opened' | 'answering'): Values =>
    Object.fromEntries((Object.keys(memory) as EngineName[]).map((name) => [name, memory[name]?.[when] ?? 0]));
  const answering = peaks('answering');
  const ratio = getRatio(answering, 'tributary', COLUMN_STORES);
  const firstOpen = starts.filter((s) => s.opening === 'raw').map((s) => [s.engine, s.peakBytes]);
  const lines: Line[] = [
    { what: 'peak memory while answering', unit: 'bytes', values: answering, ratio, goals: [atLeast(ratio, 3.5)] },
    { what: 'peak memory of opening', unit: 'bytes', values: peaks('opened'), goals: [] },
    {
      what: 'peak memory of the first open',
      unit: 'bytes',
      values: Object.fromEntries(firstOpen) as Values,
      goals: [],
    },
  ];
  if (held === null) return lines;
  const perEvent = { 'tributary-scan': held.columns / held.events, tributary: held.withIndex / held.events };
  return [
    ...lines,
    {
      what: 'held: columns; with a funnel’s index',
      unit: 'B/event',
      values: perEvent,
      goals: [atMost(perEvent['tributary-scan'], 8, 'columns'), atMost(perEvent.tributary, 11, 'with index')],
    },
  ];
}

/** All rows of the table, in the order of the goals. */
export function getSections(results: BenchResults): readonly Section[] {
  return [
    { title: 'Warm questions', lines: [...getWarmLines(results), ...getMeanLines(results)] },
    { title: 'From a cold start', lines: results.starts.length === 0 ? [] : getStartLines(results) },
    { title: 'While working', lines: getChangeLines(results) },
    { title: 'Memory', lines: getMemoryLines(results) },
  ];
}
