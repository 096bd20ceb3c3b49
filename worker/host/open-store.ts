import path from 'node:path';
import { ColumnStore } from '../store/column-store.ts';

const DEFAULT_BYTES = 20_000_000_000;

export const getStoreFolder = (dataDir: string): string => path.join(dataDir, 'columns');

/** What is not a number of bytes counts as not said. 0 = nothing is kept. */
export function getStoreBudget(asked: number | undefined, env = process.env['TRIBUTARY_CACHE_BYTES']): number {
  const said = asked ?? (env === undefined || env === '' ? Number.NaN : Number(env));
  return said >= 0 ? said : DEFAULT_BYTES;
}

export function openStore(options: {
  readonly dataDir: string;
  readonly cacheBytes?: number | undefined;
  readonly onProblem?: ((message: string) => void) | undefined;
}): ColumnStore | null {
  const budgetBytes = getStoreBudget(options.cacheBytes);
  if (budgetBytes === 0) return null;
  const onProblem = options.onProblem ?? ((message: string) => process.emitWarning(message));
  return new ColumnStore({ folder: getStoreFolder(options.dataDir), budgetBytes, onProblem });
}
