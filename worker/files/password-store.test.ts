import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NO_KEYCHAIN, PasswordStore, type Keychain, type KeychainState } from './password-store.ts';

const ADDRESS = 'postgres://analyst@db.example:5432/events';
/** Turns every byte around: enough to see what lies in a file. */
const turn = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0xff));
const keychain = (again = false): Keychain => ({
  encrypt: (text) => Promise.resolve(turn(Buffer.from(text))),
  decrypt: (bytes) => Promise.resolve({ text: turn(bytes).toString(), again }),
});

let folder = '';
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'tributary-passwords-'))));
afterEach(() => rmSync(folder, { recursive: true }));
const open = (state: KeychainState = { keychain: keychain() }): PasswordStore =>
  new PasswordStore(folder, () => Promise.resolve(state));
const written = (): string =>
  readdirSync(folder)
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
    .join('');

describe('passwords', () => {
  test('of this run are in memory alone', async () => {
    const store = open();
    await store.keep(ADDRESS, 'secret', false);
    expect(await store.get(ADDRESS)).toBe('secret');
    expect(readdirSync(folder)).toEqual([]);
    expect(await open().get(ADDRESS)).toBeNull();
  });

  test('that are remembered come back, encrypted by the keychain, in a file of the user alone', async () => {
    await open().keep(ADDRESS, 'secret', true);
    expect(await open().get(ADDRESS)).toBe('secret');
    expect(await open().known()).toEqual(new Set([ADDRESS]));
    expect(written()).not.toContain('secret');
    expect(written()).not.toContain(Buffer.from('secret').toString('base64'));
    expect(statSync(path.join(folder, 'passwords.json')).mode & 0o077).toBe(0);
  });

  test('are of one address: another server never gets them', async () => {
    await open().keep(ADDRESS, 'secret', true);
    for (const other of [
      ADDRESS.replace('example', 'evil'),
      ADDRESS.replace('5432', '5433'),
      ADDRESS.replace('analyst', 'root'),
    ])
      expect(await open().get(other)).toBeNull();
  });

  test('that are forgotten are gone, from the backup too', async () => {
    const store = open();
    await store.keep(ADDRESS, 'secret', true);
    const sealed = turn(Buffer.from('secret')).toString('base64');
    expect(written()).toContain(sealed);
    await store.forget(ADDRESS);
    expect(written()).not.toContain(sealed);
    expect(await store.get(ADDRESS)).toBeNull();
  });

  test('kept without remembering replace what was remembered', async () => {
    await open().keep(ADDRESS, 'old', true);
    await open().keep(ADDRESS, 'new', false);
    expect(await open().get(ADDRESS)).toBeNull();
  });

  test('that the keychain cannot open any more are asked for again', async () => {
    await open().keep(ADDRESS, 'secret', true);
    const foreign = { ...keychain(), decrypt: () => Promise.reject(new Error('another key')) };
    expect(await open({ keychain: foreign }).get(ADDRESS)).toBeNull();
    expect(await open().get(ADDRESS)).toBeNull();
  });

  test('are encrypted anew when the key has changed', async () => {
    await open().keep(ADDRESS, 'secret', true);
    let encrypted = 0;
    const rotated = keychain(true);
    const counting = { ...rotated, encrypt: (text: string) => (encrypted++, rotated.encrypt(text)) };
    expect(await open({ keychain: counting }).get(ADDRESS)).toBe('secret');
    expect(encrypted).toBe(1);
  });

  test('are not remembered without a keychain, and the reason is told', async () => {
    const store = open(NO_KEYCHAIN);
    expect(await store.whyNot()).toMatch(/browser mode/);
    await expect(store.keep(ADDRESS, 'secret', true)).rejects.toMatchObject({ code: 'E_UNSUPPORTED' });
    expect(readdirSync(folder)).toEqual([]);
  });
});
