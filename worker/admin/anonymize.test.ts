import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Anonymizer, readKeyFile, readKeyVariable } from './anonymize.ts';

const KEY = 'k'.repeat(32);
const hide = (value: unknown, keep: string[] = []): unknown =>
  JSON.parse(new Anonymizer(KEY, keep).metadata(JSON.stringify(value)));
const MARK = expect.stringMatching(/^anon_[\w-]{22}$/);

describe('metadata', () => {
  test('addresses and free text are hidden at any depth, ids, numbers and times stay', () => {
    expect(
      hide({
        user_id: 'u_1',
        email: 'ann@example.test',
        note: 'called Ann',
        amount_cents: 5,
        due_at: '2026-01-01T00:00:00Z',
        ok: true,
        none: null,
        zip: '1011',
        plan: 'pro',
        inner: { list: ['write to bob@example.test', 7] },
      }),
    ).toEqual({
      user_id: 'u_1',
      email: MARK,
      note: MARK,
      amount_cents: 5,
      due_at: '2026-01-01T00:00:00Z',
      ok: true,
      none: null,
      zip: '1011',
      plan: 'pro',
      inner: { list: [MARK, 7] },
    });
  });
  test('an address is hidden wherever it stands: as an id, a kept value, a key', () => {
    expect(hide({ user_id: 'ann@example.test', plan: 'a@b.test', 'c@d.test': 1 }, ['plan'])).toEqual({
      user_id: MARK,
      plan: MARK,
      [new Anonymizer(KEY).text('c@d.test')]: 1,
    });
  });
  test('keys that are kept', () => {
    expect(hide({ country: 'NL', city: 'Delft' }, ['country'])).toEqual({ country: 'NL', city: MARK });
  });
  test('what is no JSON does not get through', () => {
    expect(new Anonymizer(KEY).metadata('{ann@example.test')).toMatch(/^\{"unreadable":"anon_/);
  });
});

test('the same text is the same mark under one key, another under another, and tables agree with metadata', () => {
  const one = new Anonymizer(KEY);
  expect(one.text('ann@example.test')).toBe(new Anonymizer(KEY).id('ann@example.test'));
  expect(JSON.parse(one.metadata('{"email":"ann@example.test"}'))).toEqual({ email: one.text('ann@example.test') });
  const other = new Anonymizer('l'.repeat(32));
  expect(other.text('ann@example.test')).not.toBe(one.text('ann@example.test'));
  expect(other.fingerprint).not.toBe(one.fingerprint);
});

describe('key', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tributary-key-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  test('a file is made once, for its owner alone, and refused when others can read it', () => {
    const file = path.join(folder, 'a.key');
    const key = readKeyFile(file);
    expect(key.length).toBeGreaterThanOrEqual(32);
    expect(readKeyFile(file)).toBe(key);
    if (process.platform === 'win32') return;
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o644);
    expect(() => readKeyFile(file)).toThrow('Others can read');
  });
  test('a variable that is missing or can be guessed is refused, and not repeated', () => {
    expect(readKeyVariable('KEY', { KEY })).toBe(KEY);
    expect(() => readKeyVariable('KEY', {})).toThrow('no key');
    expect(() => readKeyVariable('KEY', { KEY: 'secret' })).not.toThrow('secret');
    expect(() => readKeyVariable('KEY', { KEY: 'secret' })).toThrow('no key');
  });
});
