import path from 'node:path';
import Database from 'better-sqlite3';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnalysisDocument, Mapping, SourceRef } from '../../protocol/index.ts';
import { createEngine, type LocalEngine } from '../../worker/host.ts';
import type { Json } from '../conformance/compare.ts';
import { listFacts } from '../conformance/check-data.ts';
import { openSource, type OpenData } from '../conformance/engine-backend.ts';
import { prepareSource, readDataSets, type DataSet } from '../conformance/real-data.ts';
import { describeError } from '../conformance/run-cases.ts';
import { startPostgres, VERSIONS, type TestPostgres } from '../support/postgres.ts';
import { serverSource } from '../support/postgres-logs.ts';
import { makeFolder, nextId, unwrap } from './log-files.ts';

/**
 * The real data sets as tables of a server, read through a mapping: every published fact, pulled and computed there. They
 * lie beside the repository (see `npm run conformance`): where they do not, this says so and holds nothing.
 */
const SETS = readDataSets(path.resolve(import.meta.dirname, '../../../shared/conformance'));
const folder = makeFolder();
afterAll(() => folder.dispose());

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const typeOf = (declared: string): string =>
  /int/i.test(declared) ? 'bigint' : /real|numeric|double/i.test(declared) ? 'double precision' : 'text';

/** A table or a select as a table of the server, rows in the same order. */
async function copy(
  client: Client,
  file: string,
  table: string,
  as: string,
  columns: Readonly<Record<string, string>>,
) {
  const db = new Database(file, { readonly: true });
  const names = Object.keys(columns);
  const list = names.map((name) => `${quote(name)} ${columns[name]}`).join(', ');
  await client.query(`CREATE TABLE ${as} (row_number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ${list})`);
  const rows = db.prepare(`SELECT ${names.map(quote).join(', ')} FROM ${table}`).all();
  const into = names.map(quote).join(', ');
  for (let from = 0; from < rows.length; from += 20_000)
    await client.query(`INSERT INTO ${as} (${into}) SELECT ${into} FROM jsonb_to_recordset($1::jsonb) AS r(${list})`, [
      JSON.stringify(rows.slice(from, from + 20_000)),
    ]);
  db.close();
}

/** As a mapping has it; of an imported file what our own model has in `metadata`. */
async function load(client: Client, ref: SourceRef & { kind: 'sqlite' }, name: string): Promise<Mapping> {
  const as = quote(name);
  const { path: file, mapping } = ref;
  if (mapping) {
    const db = new Database(file, { readonly: true });
    const columns = db.prepare<[], { name: string; type: string }>(`PRAGMA table_info(${quote(mapping.table)})`).all();
    db.close();
    const types = Object.fromEntries(columns.map((column) => [column.name, typeOf(column.type)]));
    await copy(client, file, quote(mapping.table), as, types);
    return { ...mapping, table: name };
  }
  const events = `(SELECT metadata ->> 'user_id' AS actor, event_type AS event, event_time AS time, metadata AS props FROM global_events ORDER BY rowid)`;
  await copy(client, file, events, as, { actor: 'text', event: 'text', time: 'bigint', props: 'text' });
  await client.query(`ALTER TABLE ${as} ALTER props TYPE jsonb USING props::jsonb`);
  return {
    table: name,
    actor: 'actor',
    event: { column: 'event' },
    time: { column: 'time', format: 'milliseconds' },
    properties: [],
    json: 'props',
  };
}

describe.each(VERSIONS)('real data on PostgreSQL %i', (version) => {
  let server: TestPostgres;
  let engine: LocalEngine;
  let client: Client;
  beforeAll(async () => {
    server = await startPostgres({ version });
    client = new Client({ connectionString: server.url(await server.createDatabase('real')) });
    client.on('error', () => undefined);
    await client.connect();
    engine = createEngine({ dataDir: folder.file(`data-${version}`), threads: 2, cacheBytes: 0 });
    if (SETS.length === 0) console.log('The real data sets are not here.');
  }, 120_000);
  afterAll(async () => {
    await engine.stop();
    await client.end();
    await server.stop();
  }, 60_000);

  /** Facts that are not so, and how many answers the server computed. */
  async function check(data: DataSet): Promise<{ readonly differences: readonly string[]; readonly computed: number }> {
    const ref = (await prepareSource(data, folder.path)) as SourceRef & { kind: 'sqlite' };
    const { ref: onServer, password } = serverSource(server.port, 'real', await load(client, ref, data.id));
    const source = await openSource(engine, onServer, password);
    let computed = 0;
    const { sourceId } = source.info;
    const asked = async (document: Json): Promise<Json> => {
      const analysis = document as AnalysisDocument;
      const reply = await engine.run({ requestId: nextId(), sourceId, analysis, compute: 'pushdown', confirmed: true });
      if (!reply.ok && reply.error.code === 'E_UNSUPPORTED') return source.run(document);
      computed++;
      return unwrap(reply);
    };
    const differences: string[] = [];
    for (const [way, run] of [
      ['pulled', source.run],
      ['computed there', asked],
    ] as const) {
      const there: OpenData = { ...source, run };
      for (const fact of listFacts(data.facts)) {
        const found = await fact.check(there).catch((error: unknown) => [describeError(error)]);
        differences.push(...found.map((text) => `${data.id} ${fact.name}, ${way}: ${text}`));
      }
    }
    await source.close();
    return { differences, computed };
  }

  // Each data set on one of the versions.
  test('has every published fact, pulled and computed there', async () => {
    const own = SETS.filter((_, i) => i % VERSIONS.length === VERSIONS.indexOf(version));
    for (const data of own) {
      const began = performance.now();
      const { differences, computed } = await check(data);
      console.log(`${data.id}: ${computed} answers by the server, ${Math.round(performance.now() - began)} ms`);
      expect(differences.slice(0, 20)).toEqual([]);
      expect(computed).toBeGreaterThan(3);
    }
  }, 300_000);
});
