import { useEffect, useState } from 'react';
import { toErrorData, type ErrorData, type Inspection, type Mapping, type Progress } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';

export interface MappingPreview {
  readonly isLoading: boolean;
  /** The newest inspection; stays while the next is under way. */
  readonly inspection: Inspection | null;
  readonly error: ErrorData | null;
  readonly progress: Progress | null;
}
const NOTHING: MappingPreview = { isLoading: false, inspection: null, error: null, progress: null };
const WAIT_MS = 350;

/** What the file would be read as: one scan by the engine, a moment after the last change. */
export function useMappingPreview(path: string, mapping: Mapping | null): MappingPreview {
  const [preview, setPreview] = useState(NOTHING);
  const question = mapping === null ? null : JSON.stringify(mapping);
  useEffect(() => {
    if (question === null) {
      setPreview(NOTHING);
      return;
    }
    const abort = new AbortController();
    setPreview((old) => ({ ...old, isLoading: true, progress: null }));
    const look = async (): Promise<void> => {
      try {
        const inspection = await engine.inspect(
          { kind: 'sqlite', path, mapping: JSON.parse(question) as Mapping },
          { signal: abort.signal, onProgress: (progress) => setPreview((old) => ({ ...old, progress })) },
        );
        setPreview({ isLoading: false, inspection, error: null, progress: null });
      } catch (thrown) {
        if (!abort.signal.aborted)
          setPreview({ isLoading: false, inspection: null, error: toErrorData(thrown), progress: null });
      }
    };
    const timer = setTimeout(() => void look(), WAIT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [path, question]);
  return preview;
}
