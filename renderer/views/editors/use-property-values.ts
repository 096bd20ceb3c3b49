import { useEffect, useState } from 'react';
import { toErrorData, type ErrorData, type PropertyValues } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { useSession } from '../../stores/session.ts';

export interface ValuesState {
  readonly values: PropertyValues | null;
  readonly error: ErrorData | null;
}

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
  const key = property === null || property === '' || sourceId === null ? null : `${sourceId} ${property}`;
  const [failure, setFailure] = useState<{ readonly key: string; readonly error: ErrorData } | null>(null);
  const [, setLoaded] = useState('');
  useEffect(() => {
    if (key === null || property === null || known.has(key)) return;
    const abort = new AbortController();
    engine.values({ property }, { signal: abort.signal }).then(
      (values) => {
        remember(key, values);
        if (!abort.signal.aborted) setLoaded(key);
      },
      (thrown: unknown) => {
        if (!abort.signal.aborted) setFailure({ key, error: toErrorData(thrown) });
      },
    );
    return () => abort.abort();
  }, [key, property]);
  const values = key === null ? undefined : known.get(key);
  return { values: values ?? null, error: failure !== null && failure.key === key ? failure.error : null };
}
