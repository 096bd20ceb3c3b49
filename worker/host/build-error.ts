import { EngineError } from '../../protocol/errors.ts';
import { ColumnMemoryFull } from '../segment/column-memory.ts';
import { TimeSpanTooWide } from '../segment/segment-builder.ts';

/** What a build or a column may fail of, as E_LIMIT; anything else as it is. */
export function asBuildError(error: unknown): unknown {
  if (error instanceof ColumnMemoryFull)
    return new EngineError('E_LIMIT', 'The columns of this source do not fit into memory.', {
      hint: 'Narrow the date range, or leave out properties with very many different values.',
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
