import { useEffect, useState } from 'react';
import {
  toErrorData,
  type ErrorData,
  type Inspection,
  type Mapping,
  type Progress,
  type SourceRef,
} from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';

export interface MappingPreview {
  readonly isLoading: boolean;
  /** The newest inspection; stays while the next is under way. */
  readonly inspection: Inspection | null;
  readonly error: ErrorData | null;
  readonly progress: Progress | null;
}
interface Seen {
  /** What was asked. */
  readonly question: string | null;
  readonly inspection: Inspection | null;
  readonly error: ErrorData | null;
}
const NOTHING: Seen = { question: null, inspection: null, error: null };
const WAIT_MS = 350;

/** What the file would be read as: one scan by the engine, a moment after the last change. */
export function useMappingPreview(source: SourceRef, mapping: Mapping | null): MappingPreview {
  const [seen, setSeen] = useState(NOTHING);
  const [progress, setProgress] = useState<Progress | null>(null);
  const question = mapping === null ? null : JSON.stringify({ ...source, mapping });
  useEffect(() => {
    if (question === null) return;
    const abort = new AbortController();
    const look = async (): Promise<void> => {
      const ref = JSON.parse(question) as SourceRef;
      try {
        const inspection = await engine.inspect(ref, { signal: abort.signal, onProgress: setProgress });
        setSeen({ question, inspection, error: null });
      } catch (thrown) {
        if (!abort.signal.aborted) setSeen({ question, inspection: null, error: toErrorData(thrown) });
      }
      setProgress(null);
    };
    const timer = setTimeout(() => void look(), WAIT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [question]);
  if (question === null) return { isLoading: false, inspection: null, error: null, progress: null };
  const isLoading = seen.question !== question;
  return { isLoading, inspection: seen.inspection, error: isLoading ? null : seen.error, progress };
}
