import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import type { ErrorData } from '../../protocol/index.ts';

/** The command line's source. */
export const PROGRAM = path.join(import.meta.dirname, '../../cli/tributary.ts');
const EVENTS = `user_id,event,time,plan
ann,open,2024-01-01 10:00:00,pro
ann,buy,2024-01-01 11:00:00,pro
bob,open,2024-01-01 10:00:00,=1+1
,buy,2024-01-01 10:00:00,
cid,buy,2024-01-03 10:00:00,pro
`;

type Run = SpawnSyncReturns<string>;
/** The command line in processes of its own, and files for it until the test file ends. */
export interface Cli {
  readonly folder: string;
  /** Five events, of which one has no actor. */
  readonly csv: string;
  readonly tributary: (...args: readonly string[]) => Run;
  readonly tributaryWith: (input: string, ...args: readonly string[]) => Run;
}

export function openCli(): Cli {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const csv = path.join(folder, 'shop.csv');
  writeFileSync(csv, EVENTS);
  const tributaryWith: Cli['tributaryWith'] = (input, ...args) =>
    spawnSync(process.execPath, [PROGRAM, ...args], {
      encoding: 'utf8',
      input,
      env: { ...process.env, TRIBUTARY_DATA_DIR: path.join(folder, 'data') },
      maxBuffer: 100_000_000,
    });
  return { folder, csv, tributaryWith, tributary: (...args) => tributaryWith('', ...args) };
}

export const errorOf = (run: Run): ErrorData => JSON.parse(run.stderr.trim().split('\n').at(-1) ?? '') as ErrorData;
