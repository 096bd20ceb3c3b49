import { useEffect, useState } from 'react';
import { toErrorData, type ErrorData, type PropertyValues } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { useSession } from '../../stores/session.ts';

export interface ValuesState {
  readonly values: PropertyValues | null;
  readonly error: ErrorData | null;
}
const EMPTY: ValuesState = { values: null, error: null };

/** Per source and property; values of a frozen event set never change. */
const known = new Map<string, PropertyValues>();
const MAX_KNOWN = 200;

function remember(key: string, values: PropertyValues): void {
  known.set(key, values);
  const [oldest] = known.keys();
  if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
}

/** The most frequent values of a property, asked when `property` is first needed; null = not yet. */
export function usePropertyValues(property: string | null): ValuesState {
  const sourceId = useSession((s) => s.source?.sourceId ?? null);
  const [state, setState] = useState<ValuesState>(EMPTY);
  useEffect(() => {
    if (property === null || property === '' || sourceId === null) return;
    const key = `${sourceId} ${property}`;
    const cached = known.get(key);
    setState(cached === undefined ? EMPTY : { values: cached, error: null });
    if (cached !== undefined) return;
    const abort = new AbortController();
    engine.values({ property }, { signal: abort.signal }).then(
      (values) => {
        remember(key, values);
        if (!abort.signal.aborted) setState({ values, error: null });
      },
      (thrown: unknown) => {
        if (!abort.signal.aborted) setState({ values: null, error: toErrorData(thrown) });
      },
    );
    return () => abort.abort();
  }, [property, sourceId]);
  return state;
}
