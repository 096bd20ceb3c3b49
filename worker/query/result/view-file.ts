import { closeSync, fstatSync, openSync } from 'node:fs';
import { readWhole } from './result-reader.ts';

/** Row numbers `offset` to `offset + limit` of a view's file, and how many it has. */
export function readView(file: string, offset: number, limit: number): { numbers: number[]; total: number } {
  const handle = openSync(file, 'r');
  try {
    const total = fstatSync(handle).size / 4;
    const numbers = new Uint32Array(Math.max(0, Math.min(limit, total - offset)));
    readWhole(handle, numbers, offset * 4);
    return { numbers: Array.from(numbers), total };
  } finally {
    closeSync(handle);
  }
}
