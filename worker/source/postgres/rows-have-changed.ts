import { EngineError } from '../../../protocol/errors.ts';

export const rowsHaveChanged = (): EngineError =>
  new EngineError('E_SOURCE_CHANGED', 'Rows that were read before were changed or removed on the server.', {
    hint: 'Open the source again to work with its present state.',
  });
