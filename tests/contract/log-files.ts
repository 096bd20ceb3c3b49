import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import type { AnalysisDocument, AnalysisResult, Mapping, Reply, SourceRef, SqliteRef } from '../../protocol/index.ts';
import type { Engine } from '../../worker/host.ts';
import type { LogEvent } from '../support/timelines.ts';

/** Event logs as SQLite files of a foreign schema, opened through a mapping. */
export const LOG_MAPPING: Mapping = {
  table: 'log',
  actor: 'who',
  event: { column: 'what' },
  time: { column: 'at', format: 'milliseconds' },
  recordedAt: { column: 'seen', format: 'milliseconds' },
  properties: ['plan', 'country'],
};

export function writeLog(file: string, log: readonly LogEvent[]): SqliteRef {
  const db = new Database(file);
  db.exec('CREATE TABLE log (who TEXT, what TEXT, at INTEGER, seen INTEGER, plan TEXT, country TEXT)');
  appendLog(db, log);
  db.close();
  return { kind: 'sqlite', path: file, mapping: LOG_MAPPING };
}

export function appendLog(db: Database.Database, log: readonly LogEvent[]): void {
  const insert = db.prepare('INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)');
  db.transaction(() => {
    for (const e of log) {
      const time = typeof e.time === 'number' ? e.time : Date.parse(e.time);
      insert.run(e.actor, e.event, time, e.recordedAt ?? time, e.props?.['plan'] ?? null, e.props?.['country'] ?? null);
    }
  })();
}

/** A folder that is gone when `dispose` is called. */
export function makeFolder(): { readonly path: string; file(name: string): string; dispose(): void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-contract-'));
  return {
    path: folder,
    file: (name) => path.join(folder, name),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

let requests = 0;
export const nextId = (): string => `r${++requests}`;

export function unwrap<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value;
  throw new Error(`${reply.error.code}: ${reply.error.message} ${reply.error.details ?? ''}`);
}

export async function openRef(engine: Engine, ref: SourceRef, build: 'all' | 'asked' = 'all'): Promise<string> {
  return unwrap(await engine.open({ requestId: nextId(), ref, build })).sourceId;
}

export async function ask(engine: Engine, sourceId: string, analysis: AnalysisDocument): Promise<AnalysisResult> {
  return unwrap(await engine.run({ requestId: nextId(), sourceId, analysis }));
}

/** How many actors a selection lists, by the list itself. */
export async function countListed(
  engine: Engine,
  sourceId: string,
  analysis: AnalysisDocument,
  selection: unknown,
): Promise<number> {
  const page = unwrap(await engine.actors({ requestId: nextId(), sourceId, analysis, selection, limit: 100_000 }));
  if (new Set(page.rows.map((row) => row.actor)).size !== page.total) throw new Error('an actor is listed twice');
  return page.total;
}

/** An answer without what differs by machine and by what was in memory. */
export function comparable(result: AnalysisResult): unknown {
  const { timing: _timing, plan: _plan, ...rest } = result;
  return rest;
}
