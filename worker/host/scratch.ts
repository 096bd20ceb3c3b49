import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

const NAME = /^scratch-(\d+)-/;

/** A private folder of this process in `dataDir`; folders of processes that died without clearing theirs are removed. */
export function makeScratchFolder(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true });
  for (const name of readdirSync(dataDir)) {
    const pid = Number(NAME.exec(name)?.[1] ?? Number.NaN);
    if (!Number.isNaN(pid) && !isAlive(pid)) rmSync(path.join(dataDir, name), { recursive: true, force: true });
  }
  return mkdtempSync(path.join(dataDir, `scratch-${process.pid}-`));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
