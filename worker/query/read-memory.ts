import { readFileSync } from 'node:fs';

const PAGE = 4_096;

/** Resident memory of another process in bytes; null where the system has no /proc, or the process is gone. */
export function readMemory(pid: number): number | null {
  if (process.platform !== 'linux') return null;
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ', 2)[1]) * PAGE;
  } catch {
    return null;
  }
}
