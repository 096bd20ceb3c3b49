import { EngineError } from '../../protocol/errors.ts';
import { ColumnMemoryFull } from '../segment/column-memory.ts';
import { TimeSpanTooWide } from '../segment/segment-builder.ts';

const DO_NOT_FIT = 'The columns of this source do not fit into memory.';
/** Also of an error that comes from a thread. */
export const isFullMemory = (error: unknown): boolean =>
  error instanceof EngineError && error.code === 'E_LIMIT' && error.message === DO_NOT_FIT;

/** What a build or a column may fail of, as E_LIMIT; anything else as it is. */
export function asBuildError(error: unknown): unknown {
  if (error instanceof ColumnMemoryFull)
    return new EngineError('E_LIMIT', DO_NOT_FIT, {
      hint: 'Set a memory limit, by which it is worked through in pieces; or narrow the date range.',
      details: error.message,
      cause: error,
    });
  if (!(error instanceof TimeSpanTooWide)) return error;
  const years = [error.firstMs, error.lastMs].map((ms) => new Date(ms).getUTCFullYear()).join(' to ');
  return new EngineError('E_LIMIT', `Event times run from ${years}: more than the 136 years a source may span.`, {
    hint: 'Leave out the rows with a wrong time by a filter in the mapping.',
    cause: error,
  });
}
