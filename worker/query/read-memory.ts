import { readFileSync } from 'node:fs';
import { memoryFile } from './tell-memory.ts';

const PAGE = 4_096;

/** Resident memory of a query process in bytes: of /proc, or as it tells in `folder` itself; null = not known (yet). */
export function readMemory(pid: number, folder: string): number | null {
  try {
    if (process.platform !== 'linux') return readTold(pid, folder);
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ', 2)[1]) * PAGE;
  } catch {
    return null;
  }
}

export const readTold = (pid: number, folder: string): number => readFileSync(memoryFile(folder, pid)).readDoubleLE(0);
