import type { PropertyValues, Vocabulary } from '../../protocol/index.ts';
import { getPropertyNames } from './property-names.ts';
import { cutSlices } from './build-segment.ts';
import { getFrozenRows } from './frozen-rows.ts';
import { settleAll } from './settle-all.ts';
import { concat, NO_COLUMNS, runOnRanges } from './run-on-ranges.ts';
import { getMostPulled } from './most-pulled.ts';
import { checkPull, getRowsToMove } from './pull-budget.ts';
import type { RequestScope } from './request-scope.ts';
import type { HeldSegment, SegmentNeed } from './held-segment.ts';
import type { ColumnGroup } from './stored-segment.ts';
import type { SourceSession } from './source-session.ts';

const ALL_HOURS = { from: null, to: null };
/** Sources up to this size have their properties counted exactly; larger ones in evenly spread samples of about this many rows. */
const COUNTED_ROWS = 400_000;
const SAMPLES = 4;
/** The same for a preview, which is there for seconds. */
const COUNTED_OF_PREVIEW = 20_000;

async function ensureAll(
  session: SourceSession,
  properties: readonly string[],
  groups: readonly ColumnGroup[],
  scope: RequestScope,
): Promise<HeldSegment> {
  const need = needAll(properties, groups);
  checkPull(session, need);
  const { held } = await session.ensureSegment(need, scope);
  return held;
}

const needAll = (properties: readonly string[], groups: readonly ColumnGroup[]): SegmentNeed => ({
  actorProperty: null,
  hours: ALL_HOURS,
  properties,
  recordedAt: false,
  groups,
});

/** Events by number, most frequent first; properties by number of events that have them. Kept for the session. */
export async function getVocabulary(session: SourceSession, scope: RequestScope): Promise<Vocabulary> {
  const isKnown = session.vocabulary !== null;
  session.vocabulary ??= Promise.all([countAllEvents(session, scope), countProperties(session, scope)]).then(
    ([events, properties]) => ({ events, properties }),
  );
  session.vocabulary.catch(() => (session.vocabulary = null));
  const vocabulary = await session.vocabulary;
  await session.checkUnchanged();
  if (!isKnown) session.keepVocabulary(vocabulary);
  return vocabulary;
}

async function countAllEvents(session: SourceSession, scope: RequestScope): Promise<Vocabulary['events']> {
  const atServer = await countAtServer(session, scope);
  if (atServer !== null) return atServer;
  const held = await ensureAll(session, [], ['events'], scope);
  const { segment } = held;
  const parts = await runOnRanges(session.pool, held, 'countEvents', (range) => ({ range }), scope, NO_COLUMNS);
  const sum = (pick: 'events' | 'actors', code: number): number =>
    parts.reduce((total, part) => total + (part[pick][code] ?? 0), 0);
  return segment.eventNames.map((name, code) => ({ name, count: sum('events', code), actors: sum('actors', code) }));
}

/** What is too much to be moved for this is counted where it is; null = it is little, here already, or cannot be counted there. */
async function countAtServer(session: SourceSession, scope: RequestScope): Promise<Vocabulary['events'] | null> {
  if (getRowsToMove(session, needAll([], ['events'])) <= getMostPulled()) return null;
  const { pool, handle, report } = session;
  scope.begin('compute', 'rows', null);
  const input = { ...handle, guardHours: report.guardHours, frozen: getFrozenRows(session) };
  return pool.run('eventNames', input, { control: scope.control });
}

async function countProperties(session: SourceSession, scope: RequestScope): Promise<Vocabulary['properties']> {
  const { pool, handle, description } = session;
  const properties = getPropertyNames(description);
  if (properties.length === 0) return [];
  const every = Math.max(
    1,
    Math.floor(description.rows / (session.partial === null ? COUNTED_ROWS : COUNTED_OF_PREVIEW)),
  );
  const cut = await cutSlices(pool, handle, ALL_HOURS, every === 1 ? pool.size : every * SAMPLES);
  const slices = cut.filter((_, i) => i % every === Math.floor(every / 2));
  const parts = await settleAll(
    slices.map((slice, i) =>
      pool.run('countSet', { ...handle, slice, properties }, { control: scope.control, slot: i % pool.size }),
    ),
  );
  const rows = parts.reduce((total, part) => total + part.rows, 0);
  const scale = every === 1 || rows === 0 ? 1 : (session.info.events || rows) / rows;
  return properties
    .map((name, p) => ({
      name,
      count: Math.round(scale * parts.reduce((total, part) => total + (part.counts[p] ?? 0), 0)),
    }))
    .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

export async function getValues(
  session: SourceSession,
  property: string,
  limit: number,
  scope: RequestScope,
): Promise<PropertyValues> {
  const key = `${limit}:${property}`;
  const known = session.values.get(key);
  if (known !== undefined) {
    await session.checkUnchanged();
    return known;
  }
  const groups = property === '$actor' ? (['events', 'actors'] as const) : (['events'] as const);
  const isBuiltIn = property === '$event' || property === '$actor';
  const held = await ensureAll(session, isBuiltIn ? [] : [property], groups, scope);
  const parts = await runOnRanges(
    session.pool,
    held,
    'tallyValues',
    (range) => ({ property, range }),
    scope,
    isBuiltIn ? NO_COLUMNS : { properties: [property], recordedAt: false },
  );
  const values = await session.pool.run(
    'rankValues',
    { property, limit, counts: property === '$actor' ? concat(parts) : addUp(parts) },
    { control: scope.control, segment: { key: held.key, value: held.segment } },
  );
  await session.checkUnchanged();
  session.values.set(key, values);
  return values;
}

function addUp(parts: readonly Uint32Array[]): Uint32Array {
  const [total = new Uint32Array(), ...others] = parts;
  for (const part of others) for (let i = 0; i < part.length; i++) total[i] = (total[i] ?? 0) + (part[i] ?? 0);
  return total;
}
