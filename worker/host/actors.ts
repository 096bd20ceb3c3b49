import type { ActorDifference, ActorPage, Selection } from '../../protocol/index.ts';
import { getNeededHistory } from '../plan/needed-history.ts';
import type { CachedAnswer } from './answer.ts';
import { sortById } from './actor-order.ts';
import { settleAll } from './settle-all.ts';
import { canonicalJson } from './canonical-json.ts';
import { getComputeModule } from '../compute/registry.ts';
import { makeContext } from './compute-tasks.ts';
import { concat, getColumnsNeeded, runOnRanges } from './run-on-ranges.ts';
import type { RequestScope } from './request-scope.ts';
import { withActorIds } from './with-actor-ids.ts';
import type { SourceSession } from './source-session.ts';

/** Some ten ms: a stopped export is stopped between two. */
const CSV_ROWS_A_TASK = 5_000;

/** Actor indexes behind a number of an answer, in the order of their ids. */
export async function getSelected(
  session: SourceSession,
  answer: CachedAnswer,
  input: unknown,
  scope: RequestScope,
): Promise<Uint32Array> {
  const { parseSelection } = await import('../../protocol/index.ts');
  const selection: Selection = parseSelection(answer.analysis.type, input);
  const key = canonicalJson(selection);
  const known = answer.selections.get(key);
  if (known !== undefined) return known;
  const { analysis, moments, held, packed } = answer;
  const all = { from: 0, to: held.segment.actorCount };
  const whole = makeContext(held.segment, all, moments, () => scope.throwIfStopped());
  const prepared = await held.derived.prepared.use(held, { analysis, moments }, whole, scope);
  // Who is counted is all that a list asks for, as a question for counts does.
  const names = getComputeModule(analysis.type).derived?.({ ...whole, detail: 'counts' }, analysis) ?? [];
  const { columns: derived, release } = await held.derived.use(held, names, scope);
  scope.begin('compute', 'actors', held.segment.actorCount);
  const parts = await runOnRanges(
    session.pool,
    held,
    'select',
    (range, i) => ({ analysis, moments, range, derived, prepared: prepared[i] ?? null, selection, answer: packed() }),
    scope,
    getColumnsNeeded(analysis),
  ).finally(release);
  const selected = await sortById(session.pool, held, concat(parts), scope);
  answer.selections.set(key, selected);
  return selected;
}

export interface PageRequest {
  readonly offset: number;
  readonly limit: number;
  readonly search?: string | undefined;
}

/** `total` counts the actors that match the search; without one it is the number that was clicked. */
export async function getActorPage(
  session: SourceSession,
  answer: CachedAnswer,
  selected: Uint32Array,
  page: PageRequest,
  scope: RequestScope,
): Promise<ActorPage> {
  const segment = { key: answer.held.key, value: answer.held.segment };
  const search = page.search ?? '';
  const found =
    search === ''
      ? selected
      : await session.pool.run('search', { actors: selected, text: search }, { control: scope.control, segment });
  const actors = found.slice(page.offset, page.offset + page.limit);
  const rows =
    actors.length === 0
      ? []
      : await withActorIds(session.pool, answer.held, actors, getColumnsNeeded(answer.analysis), scope, (inHand) => {
          const payload = { ...rowsInput(answer), actors: inHand.actors };
          return session.pool.run('actorRows', payload, { control: scope.control, segment: inHand.segment });
        });
  const { partial } = session;
  return { total: found.length, offset: page.offset, rows, ...(partial === null ? {} : { partial }) };
}

/** One row an actor, all of them. */
export async function getActorListCsv(
  session: SourceSession,
  answer: CachedAnswer,
  selected: Uint32Array,
  spreadsheetSafe: boolean,
  scope: RequestScope,
): Promise<string> {
  scope.begin('export', 'actors', selected.length);
  const { pool } = session;
  const needed = getColumnsNeeded(answer.analysis);
  const parts: Promise<string>[] = [];
  for (let from = 0; from === 0 || from < selected.length; from += CSV_ROWS_A_TASK) {
    const slot = parts.length % pool.size;
    const listed = selected.slice(from, from + CSV_ROWS_A_TASK);
    const part = withActorIds(pool, answer.held, listed, needed, scope, ({ segment, actors }) => {
      const payload = { ...rowsInput(answer), actors, spreadsheetSafe, header: from === 0 };
      return pool.run('actorCsv', payload, { control: scope.control, slot, segment });
    });
    parts.push(part);
    // Actors that are read from files are in memory a few at a time.
    if (answer.held.windows !== null && slot === pool.size - 1) await settleAll(parts);
  }
  return (await settleAll(parts)).join('');
}

export interface Side {
  readonly answer: CachedAnswer;
  readonly selected: Uint32Array;
}
export function getActorDifference(
  session: SourceSession,
  a: Side,
  b: Side,
  scope: RequestScope,
): Promise<ActorDifference> {
  const payload = {
    aIds: a.answer.held.segment.actorIds,
    a: a.selected,
    bIds: b.answer.held.segment.actorIds,
    b: b.selected,
  };
  return session.pool.run('difference', payload, { control: scope.control });
}

/** Rows tell of the events the analysis can see, so that they do not depend on what else is in memory. */
function rowsInput(
  answer: CachedAnswer,
): Pick<CachedAnswer, 'analysis' | 'moments'> & { readonly fromMs: number; readonly toMs: number } {
  const { analysis, moments } = answer;
  return { analysis, moments, ...getNeededHistory(analysis, moments) };
}
