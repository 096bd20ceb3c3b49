import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import {
  EngineError,
  type AnalysisDocument,
  type Mapping,
  type Reply,
  type SourceInfo,
  type SourceRef,
} from '../../protocol/index.ts';
import { createEngine, type Engine } from '../../worker/host.ts';
import type { LogEvent } from '../support/timelines.ts';
import type { Backend, OpenLog } from './backend.ts';
import type { Json } from './compare.ts';

export interface OpenData extends OpenLog {
  readonly info: SourceInfo;
}

/** The real engine in this process: SQLite snapshots, scan, segments, threads, merge. One folder for all its files. */
export interface EngineBackend extends Backend {
  readonly folder: string;
  readonly openSource: (ref: SourceRef) => Promise<OpenData>;
}

const MAPPING: Mapping = {
  table: 'events',
  actor: 'actor',
  event: { column: 'event' },
  time: { column: 'time', format: 'milliseconds' },
  properties: [],
  json: 'props',
};

/** With TRIBUTARY_KERNELS=off everything is computed by the TypeScript twins. */
export function createEngineBackend(threads = 2): EngineBackend {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-conformance-'));
  const engine = createEngine({
    dataDir: path.join(folder, 'data'),
    threads,
    // Hundreds of sources that nobody opens again.
    cacheBytes: 0,
    kernels: process.env['TRIBUTARY_KERNELS'] !== 'off',
  });
  let files = 0;
  return {
    name: 'engine',
    folder,
    openSource: (ref) => openSource(engine, ref),
    open: async (log) => {
      const file = path.join(folder, `case-${++files}.sqlite`);
      writeSnapshot(file, log);
      const source = await openSource(engine, { kind: 'sqlite', path: file, mapping: MAPPING });
      return {
        ...source,
        close: async () => {
          await source.close();
          rmSync(file, { force: true });
        },
      };
    },
    close: async () => {
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Rows in the order of the list: the rowid is arrival order. */
function writeSnapshot(file: string, log: readonly LogEvent[]): void {
  const db = new Database(file);
  db.pragma('synchronous = OFF');
  db.exec('CREATE TABLE events (actor TEXT, event TEXT, time INTEGER, props TEXT)');
  const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?)');
  db.transaction(() => {
    for (const { actor, event, time, props } of log)
      insert.run(actor, event, typeof time === 'number' ? time : Date.parse(time), JSON.stringify(props ?? {}));
  })();
  db.close();
}

const PAGE = 100_000;
let requests = 0;
const nextRequest = (): { requestId: string; deadlineMs: null } => ({ requestId: `c${++requests}`, deadlineMs: null });

export async function openSource(engine: Engine, ref: SourceRef, password?: string): Promise<OpenData> {
  const info = unwrap(await engine.open({ ...nextRequest(), ref, password }));
  const { sourceId } = info;
  return {
    info,
    run: async (analysis) =>
      unwrap(await engine.run({ ...nextRequest(), sourceId, analysis: analysis as AnalysisDocument })),
    actors: async (analysis, selection) => {
      const ids: string[] = [];
      for (let total = 1; ids.length < total;) {
        const request = {
          ...nextRequest(),
          sourceId,
          analysis: analysis as AnalysisDocument,
          selection,
          offset: ids.length,
        };
        const page = unwrap(await engine.actors({ ...request, limit: PAGE }));
        total = page.total;
        if (page.rows.length === 0 && ids.length < total) throw new Error(`${ids.length} rows of ${total} actors`);
        ids.push(...page.rows.map((row: { actor: Json }) => String(row.actor)));
      }
      return ids;
    },
    close: async () => {
      unwrap(await engine.close(sourceId));
    },
  };
}

function unwrap<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value;
  throw EngineError.fromData(reply.error);
}
