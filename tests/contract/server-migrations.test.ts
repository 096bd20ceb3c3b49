import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readMigrations } from '../../migrations/read-migrations.ts';
import type { StoreMigrations } from '../../protocol/index.ts';
import { migrate } from '../../worker/admin/migrate.ts';
import { openPostgresMigrations } from '../../worker/admin/postgres-migrations.ts';
import { createEngine, type LocalEngine } from '../../worker/host.ts';
import { PASSWORD, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { serverSource } from '../support/postgres-logs.ts';
import { targetOf } from '../support/store-target.ts';
import { makeFolder, nextId, unwrap } from './log-files.ts';

const folder = makeFolder();
let server: TestPostgres;
let engine: LocalEngine;
beforeAll(async () => {
  server = await startPostgres();
  await server.createDatabase('store');
  engine = createEngine({ dataDir: folder.file('data'), threads: 1, cacheBytes: 0 });
}, 60_000);
afterAll(async () => {
  await engine.stop();
  await server.stop();
  folder.dispose();
}, 60_000);

async function raise(to: number): Promise<void> {
  const store = await openPostgresMigrations(targetOf(server, 'store'), { password: PASSWORD });
  await migrate(store, 'up', { to });
  await store.close();
}
const known = readMigrations('postgres');
const pendingOf = ({ pending }: StoreMigrations): string[] => pending.map(({ id }) => id);
const later = known.slice(1).map(({ number, name }) => `${String(number).padStart(4, '0')}-${name}`);

it('a server that is behind says which migrations it lacks, and what they bring, until somebody applies them', async () => {
  await raise(1);
  const source = serverSource(server.port, 'store');
  const { sourceId } = unwrap(await engine.open({ requestId: nextId(), ...source }));
  const behind = unwrap(await engine.migrations(sourceId));
  expect(behind.current).toBe(1);
  expect(pendingOf(behind)).toEqual(later);
  expect(behind.pending[0]?.brings).toMatch(/^Listeners .*\.$/);
  expect(unwrap(await engine.inspect({ requestId: nextId(), ...source })).migrations).toEqual(behind);

  // Looking applies nothing; a role that may not look is told nothing.
  await server.query(`CREATE ROLE reader LOGIN PASSWORD 'r'; GRANT SELECT ON global_events, shops TO reader`, 'store');
  const { ref } = source;
  const asReader = { ref: { ...ref, target: { ...ref.target, user: 'reader' } }, password: 'r' };
  const reader = unwrap(await engine.open({ requestId: nextId(), ...asReader }));
  expect(unwrap(await engine.migrations(reader.sourceId))).toEqual({ current: 0, pending: [] });

  await raise(known.length);
  expect(unwrap(await engine.migrations(sourceId))).toEqual({ current: known.length, pending: [] });
});

it('a snapshot that is behind says so too; a file that migrations do not keep lacks none', async () => {
  const [first] = readMigrations('sqlite');
  const of = async (version: number): Promise<StoreMigrations> => {
    const path = folder.file(`at-${version}.db`);
    const db = new Database(path);
    db.exec(first?.up ?? '');
    db.pragma(`user_version = ${version}`);
    db.close();
    const { sourceId } = unwrap(await engine.open({ requestId: nextId(), ref: { kind: 'sqlite', path } }));
    return unwrap(await engine.migrations(sourceId));
  };
  expect(await of(1)).toMatchObject({ current: 1, pending: [{ id: '0002-live-and-snapshot-info' }] });
  expect(await of(0)).toEqual({ current: 0, pending: [] });
});
