import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConnectionList, SavedConnection } from '../../protocol/connections.ts';
import { PostgresTargetSchema } from '../../protocol/postgres.ts';
import { formatTarget } from '../../protocol/source-names.ts';
import { createConnectionHandlers } from './connection-handlers.ts';
import { openConnectionStore, putConnection } from './connection-store.ts';
import { NO_KEYCHAIN, PasswordStore } from './password-store.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'tributary-connections-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const connection = (name: string, host = 'db.example'): SavedConnection => ({
  name,
  environment: 'staging',
  target: PostgresTargetSchema.parse({ hosts: [{ host }], database: 'events', user: 'analyst' }),
});
const handlers = () =>
  createConnectionHandlers(
    () => openConnectionStore(folder),
    new PasswordStore(folder, () => Promise.resolve(NO_KEYCHAIN)),
  );
const namesOf = ({ connections }: ConnectionList): string[] => connections.map(({ name }) => name);

describe('saved connections', () => {
  test('are listed by name, replaced, renamed and removed', async () => {
    const { saveConnection, removeConnection } = handlers();
    await saveConnection({ connection: connection('b') });
    expect(namesOf(await saveConnection({ connection: connection('a') }))).toEqual(['a', 'b']);
    const changed = await saveConnection({ connection: connection('b', 'other.example') });
    expect(changed.connections[1]?.target.hosts[0]?.host).toBe('other.example');
    expect(namesOf(await saveConnection({ connection: connection('c'), replaces: 'a' }))).toEqual(['b', 'c']);
    expect(namesOf(await removeConnection({ name: 'b' }))).toEqual(['c']);
  });

  test('that the command line adds meanwhile are not lost', async () => {
    const { saveConnection, listConnections } = handlers();
    await saveConnection({ connection: connection('window') });
    await openConnectionStore(folder).update((all) => putConnection(all, connection('command line')));
    expect(namesOf(await listConnections(null))).toEqual(['command line', 'window']);
    expect(namesOf(await saveConnection({ connection: connection('more') }))).toEqual([
      'command line',
      'more',
      'window',
    ]);
  });

  test('a removed one takes its password along, unless another leads to the same server', async () => {
    const { saveConnection, removeConnection, keepPassword, getPassword } = handlers();
    const address = formatTarget(connection('a').target);
    await saveConnection({ connection: connection('a') });
    expect((await saveConnection({ connection: connection('b') })).connections[0]?.hasPassword).toBe(false);
    await keepPassword({ address, password: 'secret', remember: false });
    expect((await removeConnection({ name: 'a' })).connections[0]?.hasPassword).toBe(true);
    expect(await getPassword({ address })).toBe('secret');
    await removeConnection({ name: 'b' });
    expect(await getPassword({ address })).toBeNull();
  });

  test('a damaged file is kept beside and told, more than once', async () => {
    writeFileSync(path.join(folder, 'connections.json'), '{ "version": 1, "value": [{');
    const { listConnections } = handlers();
    for (let i = 0; i < 2; i++) expect((await listConnections(null)).problem?.message).toMatch(/was damaged/);
    expect(readdirSync(folder).some((name) => name.startsWith('connections.broken-'))).toBe(true);
  });
});
