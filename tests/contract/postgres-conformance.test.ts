import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Mapping } from '../../protocol/index.ts';
import { createEngine } from '../../worker/host.ts';
import type { Backend } from '../conformance/backend.ts';
import { readCases } from '../conformance/case-files.ts';
import { INFORMATION_KINDS } from '../conformance/check-case.ts';
import { openSource } from '../conformance/engine-backend.ts';
import { runCase } from '../conformance/run-cases.ts';
import { startPostgres, VERSIONS, type TestPostgres } from '../support/postgres.ts';
import { serverSource } from '../support/postgres-logs.ts';
import type { LogEvent } from '../support/timelines.ts';

const folder = path.join(import.meta.dirname, '../conformance');
const cases = readCases(folder).filter((c) => !INFORMATION_KINDS.has(c.kind));
const kinds = [...new Set(cases.map((c) => c.kind))];

/** Published cases through a server's table of any shape, pulled; each a table of its own, read through a mapping. */
describe.each(VERSIONS)('published cases through PostgreSQL %i, pulled', (version) => {
  let server: TestPostgres;
  let backend: Backend;
  beforeAll(async () => {
    server = await startPostgres({ version });
    backend = await createPulledBackend(server);
  }, 120_000);
  afterAll(async () => {
    await backend.close();
    await server.stop();
  }, 60_000);

  test.each(kinds)(
    '%s',
    async (kind) => {
      const failures = [];
      // Of the many random funnels some on each version: all run on files.
      const own = cases.filter((c) => c.kind === kind).filter((_, i, all) => all.length < 300 || i % 5 === version % 5);
      for (const c of own) {
        const { id, differences } = await runCase(c, backend);
        if (differences.length > 0) failures.push({ id, differences });
      }
      expect(failures).toEqual([]);
      expect(own.length).toBeGreaterThan(0);
    },
    240_000,
  );
});

async function createPulledBackend(server: TestPostgres): Promise<Backend> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'tributary-pulled-'));
  const engine = createEngine({ dataDir, threads: 2, cacheBytes: 0 });
  const client = new Client({ connectionString: server.url(await server.createDatabase('cases')) });
  client.on('error', () => undefined);
  await client.connect();
  let tables = 0;
  return {
    name: 'postgres, pulled',
    open: async (log) => {
      const table = `case_${++tables}`;
      await writeCase(client, table, log);
      const { ref, password } = serverSource(server.port, 'cases', mappingOf(table));
      const source = await openSource(engine, ref, password);
      return {
        ...source,
        close: async () => {
          await source.close();
          await client.query(`DROP TABLE ${table}`);
        },
      };
    },
    close: async () => {
      await engine.stop();
      await client.end();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const mappingOf = (table: string): Mapping => ({
  table,
  actor: 'actor',
  event: { column: 'event' },
  time: { column: 'time', format: 'milliseconds' },
  properties: [],
  json: 'props',
});

/** Times as ms in one table, as timestamps in the next. */
async function writeCase(client: Client, table: string, log: readonly LogEvent[]): Promise<void> {
  const asMs = table.endsWith('1') || table.endsWith('3');
  await client.query(
    `CREATE TABLE ${table} (actor text, event text, time ${asMs ? 'bigint' : 'timestamptz'}, props jsonb)`,
  );
  const time = asMs ? 't' : `timestamptz 'epoch' + t * interval '1 ms'`;
  await client.query(
    `INSERT INTO ${table} SELECT actor, event, ${time}, props
      FROM unnest($1::text[], $2::text[], $3::int8[], $4::jsonb[]) AS log (actor, event, t, props)`,
    [
      log.map(({ actor }) => actor),
      log.map(({ event }) => event),
      log.map(({ time: at }) => (typeof at === 'number' ? at : Date.parse(at))),
      log.map(({ props }) => JSON.stringify(props ?? {})),
    ],
  );
}
