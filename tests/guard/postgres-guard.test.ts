import fc from 'fast-check';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD, startPostgres, SUPERUSER, type TestPostgres } from '../support/postgres.ts';
import type { PostgresRef } from '../../protocol/source.ts';
import { decorateForbidden, decorateLegitimate } from './decorate.ts';
import { mutate } from './mutate.ts';
import { FORBIDDEN, LEGITIMATE } from './postgres-corpus.ts';
import { openGuarded, type Guarded } from './queries.ts';

let server: TestPostgres;
let guarded: Guarded;
const database = 'guard';

const TABLES = `
  CREATE TYPE mood AS ENUM ('gut', 'schlecht');
  CREATE TABLE t (id int PRIMARY KEY, name text);
  INSERT INTO t VALUES (1, 'one'), (2, 'zwei'), (3, 'drei; --');
  CREATE INDEX i ON t (name);
  CREATE TABLE u (id int, name text);
  INSERT INTO u VALUES (1, 'one'), (5, 'five');
  CREATE TABLE feelings (mood mood);
  INSERT INTO feelings VALUES ('gut');
  CREATE TABLE "tabelle mit ""zeichen""" ("größe" int, "select" int);
  CREATE VIEW v AS SELECT * FROM t;
  CREATE MATERIALIZED VIEW m AS SELECT * FROM t;
  CREATE SEQUENCE s;
  CREATE PROCEDURE p() LANGUAGE sql AS 'DELETE FROM t';
  SELECT lo_from_bytea(4242, 'x');`;

/** What a superuser could have changed: objects, rows, files, settings, sessions, locks, statistics. */
async function fingerprint(): Promise<string> {
  const [row] = await server.query(
    `SELECT
       (SELECT md5(string_agg(concat(relname, relfilenode, relkind), ',' ORDER BY oid)) FROM pg_class) AS relations,
       (SELECT md5(string_agg(proname, ',' ORDER BY oid)) FROM pg_proc) AS functions,
       (SELECT string_agg(nspname, ',' ORDER BY oid) FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast_temp)') AS schemas,
       (SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM t) AS t_rows,
       (SELECT md5(string_agg(oid::text, ',' ORDER BY oid)) FROM pg_largeobject_metadata) AS objects,
       (SELECT string_agg(concat(loid, encode(data, 'hex')), ',') FROM pg_largeobject) AS contents,
       (SELECT md5(string_agg(concat(name, setting), ',' ORDER BY name)) FROM pg_settings
         WHERE source NOT IN ('client', 'session') AND name !~ '^(transaction|in_hot)') AS settings,
       (SELECT count(*) FROM pg_file_settings) AS file_settings,
       (SELECT md5(string_agg(concat(rolname, rolsuper, rolconfig), ',' ORDER BY oid)) FROM pg_roles) AS roles,
       (SELECT string_agg(datname, ',' ORDER BY oid) FROM pg_database) AS databases,
       (SELECT count(*) FROM pg_locks l WHERE pid <> pg_backend_pid() AND locktype = 'advisory') AS advisory,
       (SELECT count(*) FROM pg_replication_slots) AS slots,
       (SELECT count(*) FROM pg_replication_origin) AS origins,
       (SELECT concat(last_value, is_called) FROM s) AS sequence,
       (SELECT count(*) FROM pg_prepared_xacts) AS prepared,
       (SELECT stats_reset::text FROM pg_stat_database WHERE datname = current_database()) AS stats_reset,
       (SELECT stats_reset::text FROM pg_stat_bgwriter) AS bgwriter_reset,
       (SELECT pg_conf_load_time()::text) AS reloaded,
       (SELECT count(*) FROM pg_collation) AS collations,
       (SELECT string_agg(extname, ',') FROM pg_extension) AS extensions`,
    database,
  );
  const files = readdirSync(path.join(server.folder, 'data')).toSorted();
  return JSON.stringify([row, files.filter((name) => name !== 'postmaster.pid')]);
}

beforeAll(async () => {
  server = await startPostgres({ settings: ['autovacuum=off'] });
  await server.createDatabase(database);
  await server.query(TABLES, database);
  const ref: PostgresRef = {
    kind: 'postgres',
    target: {
      hosts: [{ host: '127.0.0.1', port: server.port }],
      database,
      user: SUPERUSER,
      tls: 'plaintext',
      schema: 'public',
      applicationName: 'tributary',
    },
  };
  guarded = await openGuarded(ref, PASSWORD);
}, 120_000);
afterAll(async () => {
  await guarded?.stop();
  await server?.stop();
});

const forbidden = decorateForbidden(FORBIDDEN);
const legitimate = decorateLegitimate(LEGITIMATE);

describe('the guard of servers, as superuser', () => {
  test('the connection is proved to be read-only, and the role is warned of', async () => {
    const status = await guarded.queries.status();
    const [session] = status.ok ? status.value.sessions : [];
    expect(session?.readOnly).toMatchObject({ status: 'weak', text: 'read-only: proved' });
    expect(session?.readOnly.steps.map(({ passed }) => passed)).toEqual([true, true, true]);
    expect(session?.readOnly.warnings.join()).toContain('superuser');
  });

  test(`${forbidden.length} forbidden statements: none answers, none has an effect`, async () => {
    expect(forbidden.length).toBeGreaterThanOrEqual(200);
    const answered: string[] = [];
    let before = await fingerprint();
    for (const [at, { sql }] of forbidden.entries()) {
      if ((await guarded.run(sql)).ok) answered.push(sql);
      if (at % 20 !== 0) continue;
      const after = await fingerprint();
      expect(after, `an effect of one of the 20 statements before ${sql}`).toBe(before);
      before = after;
    }
    expect(answered).toEqual([]);
    expect(await fingerprint()).toBe(before);
  }, 120_000);

  test(`${legitimate.length} legitimate statements run`, async () => {
    expect(legitimate.length).toBeGreaterThanOrEqual(400);
    const before = await fingerprint();
    const refused: unknown[] = [];
    for (const { sql } of legitimate) {
      const answer = await guarded.run(sql);
      if (!answer.ok) refused.push({ sql, error: answer.error });
      else await guarded.queries.release(answer.value.resultId);
    }
    expect(refused).toEqual([]);
    expect(await fingerprint()).toBe(before);
  }, 120_000);

  test('mutations of both corpora have no effect and kill nothing', async () => {
    const before = await fingerprint();
    const bases = [...FORBIDDEN, ...LEGITIMATE];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...bases),
        fc.constantFrom(...bases),
        fc.infiniteStream(fc.nat()),
        async (a, b, dice) => {
          const answer = await guarded.run(mutate(a, b, dice), { limits: { rows: 1_000, deadlineMs: 2_000 } });
          if (answer.ok) await guarded.queries.release(answer.value.resultId);
          expect(['E_ENGINE_LOST', 'E_INTERNAL']).not.toContain(answer.ok ? '' : answer.error.code);
        },
      ),
      { numRuns: 300, verbose: 1 },
    );
    expect(await fingerprint()).toBe(before);
  }, 120_000);

  test('a row that is too large, and a cancel: clear answers, and the next statement runs', async () => {
    expect(await guarded.run("SELECT repeat('x', 300000000)")).toMatchObject({ ok: false, error: { code: 'E_LIMIT' } });
    expect(await guarded.run('SELECT 2')).toMatchObject({ ok: true, value: { firstRows: [[2]] } });
    const running = guarded.run('SELECT count(*) FROM generate_series(1, 10000000000)', {
      queryId: 'long',
      confirmedScan: true,
    });
    await sleep(300);
    await guarded.queries.cancel('long');
    expect(await running).toMatchObject({ ok: false, error: { code: 'E_CANCELLED' } });
    expect(await guarded.run('SELECT 3')).toMatchObject({ ok: true, value: { firstRows: [[3]] } });
  }, 120_000);

  test('nothing is left open: no transaction, no session but one', async () => {
    const rows = await server.query(
      "SELECT state FROM pg_stat_activity WHERE application_name = 'tributary'",
      database,
    );
    expect(rows.map(({ state }) => state)).toEqual(['idle']);
  });
});
