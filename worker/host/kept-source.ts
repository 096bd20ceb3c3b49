import type { Partition, SourceRef, Vocabulary } from '../../protocol/index.ts';
import type {
  PartitionPart,
  PartitionReport,
  ScanSlice,
  SourceDescription,
  SourceMark,
} from '../source/event-source.ts';
import type { ColumnStore, NamedColumn, StoredColumns } from '../store/column-store.ts';
import type { SourceKey } from '../store/manifest.ts';
import { canonicalJson } from './canonical-json.ts';
import { packCounted, readColumns, toColumns, unpackCounted, type ReadPartitions } from './partition-columns.ts';
import type { RowProof } from './row-witness.ts';
import type { SegmentFacts } from './stored-segment.ts';

/** What tells one state of a source from another, as whoever reads it sees it. */
export interface SourceState {
  /** Where it is, links resolved. */
  readonly address: string;
  readonly state: string;
}
/** All that a session knows of its source and that is no column: it opens from this alone. */
export interface SourceFacts {
  readonly description: SourceDescription;
  readonly issues: PartitionReport['issues'];
  readonly guardHours: number;
  readonly slices: readonly ScanSlice[];
  readonly segment: SegmentFacts;
}

/** Raise it whenever the same source would give other columns or facts than before. */
export const CONTENT_VERSION = 1;

/** The entries of one source in the store: one for each property that stands for the actor. */
export class KeptSource {
  readonly #store: ColumnStore;
  readonly #ref: SourceRef;
  readonly #seen: SourceState;

  constructor(store: ColumnStore, ref: SourceRef, seen: SourceState) {
    this.#store = store;
    this.#ref = ref;
    this.#seen = seen;
  }

  find(actorProperty: string | null): StoredColumns | null {
    return this.#store.find(this.#key(actorProperty));
  }

  /** What is kept of an earlier state, by this version of the columns. */
  findOlder(): StoredColumns | null {
    const found = this.#store.findOlder(this.#key(null));
    return found?.manifest.source.state.startsWith(`${CONTENT_VERSION} `) === true ? found : null;
  }

  save(
    actorProperty: string | null,
    facts: SourceFacts,
    columns: readonly NamedColumn[],
    signal: AbortSignal,
  ): Promise<void> {
    return this.#store.save(this.#key(actorProperty), facts, facts.segment.eventCount, columns, signal);
  }

  add(actorProperty: string | null, columns: readonly NamedColumn[], signal: AbortSignal | null = null): Promise<void> {
    return this.#store.add(this.#key(actorProperty), columns, signal);
  }

  forget(actorProperty: string | null): Promise<void> {
    return this.#store.forget(this.#key(actorProperty));
  }

  #key(actorProperty: string | null): SourceKey {
    const { kind, mapping = null } = this.#ref;
    const { address, state } = this.#seen;
    return {
      name: address,
      slot: canonicalJson({ kind, address, mapping, actorProperty }),
      state: `${CONTENT_VERSION} ${state}`,
    };
  }
}

/** Facts of an entry, trusted: its CRC was right, and this program wrote it. */
export const getFacts = (stored: StoredColumns): SourceFacts => stored.manifest.facts as SourceFacts;

export function namePartitions(partitions: readonly Partition[]): readonly NamedColumn[] {
  const { hours, rows, first, last } = toColumns(partitions);
  return [
    { name: 'partitions/hours', values: hours },
    { name: 'partitions/rows', values: rows },
    { name: 'partitions/first', values: first },
    { name: 'partitions/last', values: last },
  ];
}

/** The columns are checked now. Throws ColumnDamaged. */
export function readPartitions(stored: StoredColumns): ReadPartitions {
  const hours = new Uint8Array(stored.entry('partitions/hours')?.length ?? 0);
  const count = stored.entry('partitions/rows')?.length ?? 0;
  const rows = new Uint32Array(count);
  const first = new Float64Array(count);
  const last = new Float64Array(count);
  stored.loadSync('partitions/hours', hours);
  stored.loadSync('partitions/rows', rows);
  stored.loadSync('partitions/first', first);
  stored.loadSync('partitions/last', last);
  return readColumns({ hours, rows, first, last });
}

const VOCABULARY = 'vocabulary/json';

export const nameVocabulary = (vocabulary: Vocabulary): NamedColumn => ({
  name: VOCABULARY,
  values: encodeText(JSON.stringify(vocabulary)),
});

/** null = none is kept. Throws ColumnDamaged. */
export function readVocabulary(stored: StoredColumns): Vocabulary | null {
  const length = stored.entry(VOCABULARY)?.length;
  if (length === undefined) return null;
  const bytes = new Uint8Array(length);
  stored.loadSync(VOCABULARY, bytes);
  return JSON.parse(decodeText(bytes)) as Vocabulary;
}

const PROOF = 'rows/mark';
const DIGESTS = 'rows/digests';

/** By which a later session tells whether the source has only got more rows. Its partitions are kept already. */
export function nameProof({ mark, digests, counted }: RowProof): readonly NamedColumn[] {
  const { partitions: _partitions, ...counts } = unpackCounted(counted);
  return [
    { name: PROOF, values: encodeText(JSON.stringify({ mark, counts })) },
    { name: DIGESTS, values: digests },
  ];
}

/** null = none is kept. Throws ColumnDamaged. */
export function readProof(stored: StoredColumns, partitions: () => readonly Partition[]): RowProof | null {
  const length = stored.entry(PROOF)?.length;
  if (length === undefined) return null;
  const bytes = new Uint8Array(length);
  const digests = new Uint32Array(stored.entry(DIGESTS)?.length ?? 0);
  stored.loadSync(PROOF, bytes);
  stored.loadSync(DIGESTS, digests);
  const { mark, counts } = JSON.parse(decodeText(bytes)) as { mark: SourceMark; counts: PartitionPart };
  return {
    mark,
    digests,
    get counted() {
      return packCounted({ ...counts, partitions: partitions() });
    },
  };
}

const encodeText = (text: string): Uint8Array => new TextEncoder().encode(text);
const decodeText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
