import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { EngineError, type Inspection, type SourceRef } from '../../protocol/index.ts';
import { inspectSource } from '../../worker/source/inspect.ts';

/** Where files of a test file lie until it ends. */
export interface HostileFiles {
  readonly root: string;
  readonly scratchDir: string;
  /** A file's place in a folder of its own, so that anything made beside it shows. */
  readonly place: (name: string) => string;
  readonly inspect: (file: string, mapping?: SourceRef['mapping'], shouldStop?: () => boolean) => Inspection;
}

export function makeHostileFiles(): HostileFiles {
  const root = mkdtempSync(path.join(os.tmpdir(), 'tributary-hostile-'));
  const scratchDir = path.join(root, 'scratch');
  afterAll(() => {
    if (existsSync(path.join(root, 'readonly'))) chmodSync(path.join(root, 'readonly'), 0o755);
    rmSync(root, { recursive: true, force: true });
  });
  return {
    root,
    scratchDir,
    place: (name) => {
      const folder = path.join(root, name);
      mkdirSync(folder, { recursive: true });
      return path.join(folder, 'x.db');
    },
    inspect: (file, mapping, shouldStop) =>
      inspectSource(
        { kind: 'sqlite', path: file, mapping },
        { scratchDir, ...(shouldStop === undefined ? {} : { shouldStop }) },
      ),
  };
}

export function codeOf(act: () => unknown): string {
  try {
    act();
    return 'ok';
  } catch (thrown) {
    return thrown instanceof EngineError ? thrown.code : String(thrown);
  }
}

export const EVENTS =
  "CREATE TABLE log (who TEXT, what TEXT, at TEXT); INSERT INTO log VALUES ('ann', 'open', '2024-01-01 00:00:00'), ('bob', 'close', '2024-01-01 01:00:00');";
export const MAPPING = {
  table: 'log',
  actor: 'who',
  event: { column: 'what' },
  time: { column: 'at', format: 'auto' as const },
};
