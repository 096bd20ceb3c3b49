import type { NamedColumn } from '../store/column-store.ts';
import { isPartOf, type HeldSegment } from './held-segment.ts';
import type { KeptSource, SourceFacts } from './kept-source.ts';
import { getSegmentFacts, nameBaseColumns, nameLaterColumns } from './stored-segment.ts';

/** Hands the columns of a source's segments to the store, each once. */
export class SegmentSaver {
  /** When nothing is being written any more. */
  done: Promise<unknown> = Promise.resolve();
  readonly #kept: KeptSource | null;
  /** Names of columns in the store, by what stands for the actor. */
  readonly #saved = new Map<string | null, ReadonlySet<string>>();
  readonly #stopped = new AbortController();
  #writing = 0;

  /** null = nothing is kept. */
  constructor(kept: KeptSource | null) {
    this.#kept = kept;
  }

  get isBusy(): boolean {
    return this.#writing > 0;
  }

  /** Base columns are in the store, or on their way there. */
  has(actorProperty: string | null): boolean {
    return this.#saved.has(actorProperty);
  }

  /** These are in the store. */
  know(actorProperty: string | null, names: readonly string[]): void {
    this.#saved.set(actorProperty, new Set(names));
  }

  forget(actorProperty: string | null): void {
    this.#saved.delete(actorProperty);
  }

  /** What is not kept yet and whole, behind everyone's back. `extra` is for new entries. */
  save(
    actorProperty: string | null,
    held: HeldSegment,
    facts: Omit<SourceFacts, 'slices' | 'segment'>,
    extra: () => readonly NamedColumn[],
  ): void {
    const kept = this.#kept;
    if (kept === null || isPartOf(held.hours) || held.ordering?.isDone() === false) return;
    const saved = this.#saved.get(actorProperty);
    const columns = [...(saved === undefined ? [...nameBase(held), ...extra()] : []), ...nameMore(held)];
    const added = columns.filter(({ name }) => saved?.has(name) !== true);
    if (added.length === 0) return;
    this.know(actorProperty, [...(saved ?? []), ...added.map(({ name }) => name)]);
    // Derived columns keep their bytes as long as somebody uses them.
    const release = held.derived.hold();
    const whole = { ...facts, slices: held.target.slices, segment: getSegmentFacts(held) };
    const { signal } = this.#stopped;
    const written =
      saved === undefined ? kept.save(actorProperty, whole, added, signal) : kept.add(actorProperty, added, signal);
    this.#writing++;
    const ended = written.then(release).finally(() => this.#writing--);
    this.done = Promise.allSettled([this.done, ended]);
  }

  /** Now and for good; done when columns are not read any longer. */
  stop(): Promise<unknown> {
    this.#stopped.abort();
    return this.done;
  }
}

/** Columns that come when a question asks for them. */
function nameMore({ segment, derived, windows }: HeldSegment): readonly NamedColumn[] {
  if (windows !== null) return windows.nameColumns();
  const made = [...derived.columns].map(([name, values]) => ({ name: `derived:${name}/values`, values }));
  return [...nameLaterColumns(segment.properties, segment.recordedAt), ...made];
}

const nameBase = (held: HeldSegment): readonly NamedColumn[] => held.windows?.nameColumns() ?? nameBaseColumns(held);
