import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** By path: `ok`, an error code, `hang` or `crash`. */
export type Verdicts = ReadonlyMap<string, string>;

const SCRIPT = path.join(import.meta.dirname, 'look-at-files.ts');
/** A file that takes longer than this is a hang. */
export const HANG_MS = 2_000;

/** Has a child process look at files; a child that hangs or dies is replaced and goes on with the next file. */
export async function lookAtFiles(files: readonly string[], scratchDir: string): Promise<Verdicts> {
  const verdicts = new Map<string, string>();
  let rest = files;
  while (rest.length > 0) {
    await lookUntilTrouble(rest, scratchDir, verdicts);
    rest = rest.filter((file) => !verdicts.has(file));
  }
  return verdicts;
}

function lookUntilTrouble(files: readonly string[], scratchDir: string, verdicts: Map<string, string>): Promise<void> {
  const child = spawn(process.execPath, [SCRIPT, scratchDir], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end(files.map((file) => `${file}\n`).join(''));
  let current: string | null = null;
  let watchdog: NodeJS.Timeout | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    clearTimeout(watchdog);
    const [, state, code, file] = /^(start|done (\S+)) (.*)$/.exec(line) ?? [];
    if (file === undefined) return;
    current = state === 'start' ? file : null;
    if (code !== undefined) verdicts.set(file, code);
    else watchdog = setTimeout(() => killHung(child, file, verdicts), HANG_MS);
  });
  return new Promise((resolve) => {
    child.on('close', (exit) => {
      clearTimeout(watchdog);
      if (exit !== 0 && current !== null && !verdicts.has(current)) verdicts.set(current, 'crash');
      // A child that never starts must not loop for ever.
      if (exit !== 0 && current === null && files[0] !== undefined && !verdicts.has(files[0]))
        verdicts.set(files[0], 'crash');
      resolve();
    });
  });
}

function killHung(child: ChildProcess, file: string, verdicts: Map<string, string>): void {
  verdicts.set(file, 'hang');
  child.kill('SIGKILL');
}

/** How often each verdict was given, most frequent first. */
export function countVerdicts(verdicts: Verdicts): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const verdict of verdicts.values()) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted((a, b) => b[1] - a[1]));
}

/** Names, sizes, change times and contents of everything in a folder, as one hash. */
export function hashFolder(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
    const file = path.join(folder, name);
    const stat = lstatSync(file, { bigint: true });
    hash.update(`${name}\0${stat.size}\0${stat.mtimeNs}\0${stat.mode}\0`);
    if (stat.isFile() && (Number(stat.mode) & 0o400) !== 0) hash.update(readFileSync(file));
  }
  return hash.digest('hex');
}
