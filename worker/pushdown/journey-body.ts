import type { JourneyQuery } from '../../protocol/index.ts';
import { NO_STATE, START_STATE } from '../../protocol/journey-states.ts';
import type { AnswerBody, ComputeContext } from '../compute/compute-module.ts';
import { mergeJourney } from '../compute/journey-merge.ts';
import { createColumns, type JourneyColumns, type JourneyPartial } from '../compute/journey-partial.ts';
import { readNumber, readText } from './merge-context.ts';
import type { ResultRow } from './question.ts';

type Body = AnswerBody<'journey'>;

/** The rows as one partial, merged like any other; durations come summarized from the server and are put in behind. */
export function readJourney(
  rows: readonly ResultRow[],
  query: JourneyQuery,
  context: ComputeContext,
  intervals: number,
): Body {
  const body = mergeJourney([readPartial(rows, query, intervals)], query, context);
  const find = (kind: string, state: string, to: string): ResultRow =>
    rows.find((row) => row['kind'] === kind && readText(row, 'state') === state && readText(row, 'to_state') === to) ??
    {};
  return {
    ...body,
    moves: body.moves.map((move) => ({ ...move, ...durationsOf(find('move', move.from, move.to)) })),
    timeInState: Object.fromEntries(
      Object.entries(body.timeInState).map(([state, known]) => {
        const row = find('stay', state, '');
        return [state, { ...known, ...durationsOf(row), p90Seconds: readNumber(row, 'p90_ms') / 1000 }];
      }),
    ),
  };
}

/** Zeros where nothing took time. */
function durationsOf(row: ResultRow): { readonly averageSeconds: number; readonly medianSeconds: number } {
  const total = readNumber(row, 'total_ms');
  return {
    averageSeconds: total === 0 ? 0 : total / readNumber(row, 'count') / 1000,
    medianSeconds: readNumber(row, 'median_ms') / 1000,
  };
}

function readPartial(rows: readonly ResultRow[], { model, maxSteps }: JourneyQuery, intervals: number): JourneyPartial {
  const states = [START_STATE, ...model.states];
  const width = states.length;
  const columns = createColumns(width, maxSteps, intervals);
  const moveActors = new Float64Array(width * width);
  const partial: JourneyPartial = {
    ...columns,
    actorCount: rows.reduce((n, row) => n + (row['kind'] === 'size' ? readNumber(row, 'count') : 0), 0),
    moveActors,
    stays: null,
  };
  const codeOf = (row: ResultRow, column: string): number => {
    const name = readText(row, column);
    return name === NO_STATE ? 0 : states.indexOf(name);
  };
  for (const row of rows) {
    const kind = readText(row, 'kind');
    const [state, to] = [codeOf(row, 'state'), codeOf(row, 'to_state')];
    const count = readNumber(row, 'count');
    if (kind === 'size') columns.sizes[state] = count;
    else if (kind === 'compared') columns.compared[state * width + to] = count;
    else if (kind === 'growth') columns.growth[readNumber(row, 'step') * width + state] = count;
    else if (kind === 'move') {
      columns.moveCount[state * width + to] = count;
      moveActors[state * width + to] = readNumber(row, 'actors');
    } else if (kind === 'stays' || kind === 'continues' || kind === 'edge')
      addToPath(columns, row, kind, state, to, width);
  }
  return partial;
}

function addToPath(
  { nodes, edges }: JourneyColumns,
  row: ResultRow,
  kind: 'stays' | 'continues' | 'edge',
  state: number,
  to: number,
  width: number,
): void {
  const node = (readNumber(row, 'step') - 1) * width + state;
  const count = readNumber(row, 'count');
  nodes.count[node] = (nodes.count[node] ?? 0) + count;
  if (kind !== 'edge') {
    nodes[kind][node] = count;
    return;
  }
  edges.count[node * width + to] = count;
  edges.totalMs[node * width + to] = readNumber(row, 'total_ms');
}
