import { useCallback, useEffect, useRef, useState } from 'react';
import { toErrorData, type ActorRow, type ErrorData, type PartialRows } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import type { ActorsContent } from '../../stores/panel.ts';
import { useSession } from '../../stores/session.ts';

export const PAGE_SIZE = 200;
/** Pages kept; those longest unseen go first. */
const MAX_PAGES = 60;

export interface ActorPages {
  /** null until the first page is there. */
  readonly total: number | null;
  /** Listed from a preview. */
  readonly partial: PartialRows | null;
  readonly error: ErrorData | null;
  readonly rowAt: (index: number) => ActorRow | undefined;
  /** Asks for the pages that hold these rows. */
  readonly need: (from: number, to: number) => void;
  readonly retry: () => void;
}
interface State {
  readonly total: number | null;
  readonly partial: PartialRows | null;
  readonly error: ErrorData | null;
  readonly pages: ReadonlyMap<number, readonly ActorRow[]>;
}
const EMPTY: State = { total: null, partial: null, error: null, pages: new Map() };

/** The actors behind a number, fetched a page at a time as they come into sight. Another question starts anew. */
export function useActorPages(content: ActorsContent, search: string): ActorPages {
  const { analysis, selection } = content;
  const [state, setState] = useState<State>(EMPTY);
  const [round, setRound] = useState(0);
  // All rows in the place of a preview: the same question again.
  const sourceId = useSession((s) => s.source?.sourceId);
  const asked = useRef(new Map<number, AbortController>());

  const fetchPage = useCallback(
    (page: number): void => {
      if (asked.current.has(page)) return;
      const abort = new AbortController();
      asked.current.set(page, abort);
      engine
        .actors(
          { analysis, selection, offset: page * PAGE_SIZE, limit: PAGE_SIZE, ...(search === '' ? {} : { search }) },
          { signal: abort.signal },
        )
        .then(
          ({ total, rows, partial = null }) => {
            if (!abort.signal.aborted)
              setState((old) => ({
                total,
                partial,
                error: null,
                pages: withPage(old.pages, page, rows, asked.current),
              }));
          },
          (thrown: unknown) => {
            // It stays asked: only `retry` asks again, or a broken source would be asked at every scroll.
            if (!abort.signal.aborted) setState((old) => ({ ...old, error: toErrorData(thrown) }));
          },
        );
    },
    [analysis, selection, search],
  );
  useEffect(() => {
    const mine = asked.current;
    fetchPage(0);
    return () => {
      for (const abort of mine.values()) abort.abort();
      mine.clear();
      setState(EMPTY);
    };
  }, [fetchPage, round, sourceId]);

  const need = useCallback(
    (from: number, to: number) => {
      for (let page = Math.floor(from / PAGE_SIZE); page * PAGE_SIZE < to; page++) fetchPage(page);
    },
    [fetchPage],
  );
  return {
    total: state.total,
    partial: state.partial,
    error: state.error,
    rowAt: (index) => state.pages.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE],
    need,
    retry: () => setRound(round + 1),
  };
}

function withPage(
  old: State['pages'],
  page: number,
  rows: readonly ActorRow[],
  asked: Map<number, unknown>,
): State['pages'] {
  const pages = new Map(old);
  pages.set(page, rows);
  const [oldest] = pages.keys();
  if (pages.size > MAX_PAGES && oldest !== undefined) {
    pages.delete(oldest);
    asked.delete(oldest);
  }
  return pages;
}
