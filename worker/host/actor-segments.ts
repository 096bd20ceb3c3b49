import { statSync } from 'node:fs';
import type { Analysis, SemanticsRule } from '../../protocol/index.ts';
import { getSegmentNames } from '../plan/required-columns.ts';
import type { Pool } from '../pool.ts';
import type { ActorSet, ActorSets } from '../segment/actor-set.ts';
import type { StringTable } from '../segment/string-table.ts';
import { scratchFile } from '../query/scratch/scratch-file.ts';
import { RecentMap } from './recent-map.ts';
import type { RequestScope } from './request-scope.ts';
import type { HeldSegment } from './held-segment.ts';
import type { ResolvedMoments } from './tasks.ts';

interface Known {
  readonly set: ActorSet;
  /** Of the file it was read from. */
  readonly state: string;
}
const KEPT = 16;

/** The segments of actors that questions ask about, in shared memory; read again when their tables have changed. */
export class ActorSegments {
  readonly #pool: Pool;
  readonly #file: string;
  readonly #known = new RecentMap<string, Known>(KEPT);

  constructor(pool: Pool, dataDir: string) {
    this.#pool = pool;
    this.#file = scratchFile(dataDir);
  }

  /** Reads what the analysis asks about. Throws E_NO_SUCH_TABLE, E_NO_SUCH_COLUMN, E_LIMIT. */
  async load(analysis: Analysis): Promise<Analysis> {
    for (const name of getSegmentNames(analysis)) await this.#load(name);
    return analysis;
  }

  async #load(name: string): Promise<void> {
    const state = stateOf(this.#file);
    const known = this.#known.get(name);
    if (known?.state === state) return;
    const key = known?.set.key ?? null;
    const read = await this.#pool.run('readActorSet', { file: this.#file, name, key });
    const set = read ?? known?.set;
    if (set !== undefined) this.#known.set(name, { set, state });
  }

  /** Of a loaded analysis; undefined = it asks about none. */
  find(analysis: Analysis): ActorSets | undefined {
    const names = getSegmentNames(analysis);
    if (names.length === 0) return undefined;
    return new Map(
      names.flatMap((name) => {
        const known = this.#known.get(name);
        return known === undefined ? [] : [[name, known.set]];
      }),
    );
  }
}

/** Changes with every table that is kept or dropped, whether the log of the database is still beside it or not. */
const stateOf = (file: string): string =>
  [file, `${file}-wal`]
    .map((part) => {
      const stat = statSync(part, { bigint: true, throwIfNoEntry: false });
      return stat === undefined ? '' : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
    })
    .join(' ');

/** What tells answers apart beside the document: the content of the segments it names. */
export const nameSets = (sets: ActorSets | undefined): string =>
  sets === undefined ? '' : [...sets.values()].map(({ key }) => key).join('\n');

export const getSegmentRules = ({ actorSets }: ResolvedMoments): readonly SemanticsRule[] =>
  [...(actorSets ?? [])].map(([name, { ids }]) => ({
    rule: `segment ${name}`,
    text: `${format(ids.length)} actors, each in it at any time.`,
  }));

const counted = new WeakMap<StringTable, Map<string, number>>();

/** Says so where actors of a segment are none of the source: of another source, most often. */
export async function getSegmentWarnings(
  pool: Pool,
  held: HeldSegment,
  { actorSets }: ResolvedMoments,
  scope: RequestScope,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const [name, set] of actorSets ?? []) {
    const all = set.ids.length;
    const here = await countHere(pool, held, set, scope);
    const some = here === 0 ? 'None' : `Only ${format(here)}`;
    if (here < all)
      warnings.push(
        `${some} of the ${format(all)} actors of the segment "${name}" ${here === 1 ? 'is' : 'are'} in this source.`,
      );
  }
  return warnings;
}

async function countHere(pool: Pool, held: HeldSegment, set: ActorSet, scope: RequestScope): Promise<number> {
  const { actorIds } = held.segment;
  const counts = counted.get(actorIds) ?? new Map<string, number>();
  counted.set(actorIds, counts);
  const known = counts.get(set.key);
  if (known !== undefined) return known;
  const segment = { key: held.key, value: held.segment };
  const count = await pool.run('countMembers', { set }, { control: scope.control, segment });
  counts.set(set.key, count);
  return count;
}

const format = (n: number): string => n.toLocaleString('en-US');
