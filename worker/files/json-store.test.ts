import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SettingsSchema, type Settings } from '../../protocol/index.ts';
import { JsonStore } from './json-store.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-store-'));
  path = join(folder, 'settings.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const initial = (): Settings => SettingsSchema.parse({});
const open = (): JsonStore<Settings> => new JsonStore(path, SettingsSchema, initial);
const older: Settings = { theme: 'light', zoom: 1, panels: { right: 300 }, threads: 2, memoryLimit: null };
const newer: Settings = { theme: 'dark', zoom: 1.5, panels: { right: 320, left: 40 }, threads: 4, memoryLimit: 1e9 };

/** `settings.json` holds `newer`, `settings.json.bak` holds `older`. */
async function saveTwice(): Promise<Buffer> {
  const store = open();
  await store.update(() => older);
  await store.update(() => newer);
  return readFile(path);
}
const keptCopies = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => /^settings\.(broken|newer)-/.test(name));

describe('JsonStore', () => {
  test('starts with the initial value and no complaint, and writes nothing', async () => {
    expect(await open().load()).toEqual({ value: initial(), problem: null });
    expect(await readdir(folder)).toEqual([]);
  });

  test('is there at the next start', async () => {
    await saveTwice();
    expect(await open().load()).toEqual({ value: newer, problem: null });
  });

  test('keeps no backup of a value that was never written, so that none is told as lost', async () => {
    const store = open();
    await store.update(() => older);
    expect(await readdir(folder)).toEqual(['settings.json']);
    await store.clear();
    await store.update(() => newer);
    expect(await readdir(folder)).toEqual(['settings.json']);
    expect(await open().load()).toEqual({ value: newer, problem: null });
  });

  test('survives truncation at every byte: starts, restores the last good value, keeps the bad copy', async () => {
    const whole = await saveTwice();
    for (let length = 0; length < whole.length - 1; length++) {
      await writeFile(path, whole.subarray(0, length));
      const { value, problem } = await open().load();
      expect(value).toEqual(older);
      expect(problem).toMatchObject({ code: 'E_CORRUPT', message: 'settings.json was damaged.' });
      const [kept, ...others] = await keptCopies();
      expect(others).toEqual([]);
      expect((await readFile(join(folder, kept ?? ''))).length).toBe(length);
      expect(problem?.hint).toContain(kept);
      await rm(join(folder, kept ?? ''));
    }
  });

  test('survives 1,000 mutations: always a valid value, never a silent loss', { timeout: 60_000 }, async () => {
    const whole = await saveTwice();
    const mutation = fc.record({ at: fc.nat(whole.length - 1), bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }) });
    await fc.assert(
      fc.asyncProperty(mutation, async ({ at, bytes }) => {
        const damaged = Buffer.from(whole);
        damaged.set(bytes.subarray(0, whole.length - at), at);
        await writeFile(path, damaged);
        const { value, problem } = await open().load();
        expect(SettingsSchema.safeParse(value).success).toBe(true);
        const kept = await keptCopies();
        expect(kept.length).toBe(problem === null ? 0 : 1);
        for (const name of kept) await rm(join(folder, name));
      }),
      { numRuns: 1000 },
    );
  });

  test('a broken backup too: starts with the initial value and says so', async () => {
    await saveTwice();
    await writeFile(path, '{');
    await writeFile(`${path}.bak`, '[');
    expect(await open().load()).toMatchObject({
      value: initial(),
      problem: { hint: expect.stringContaining('starts without it') },
    });
  });

  test('a file of a newer version is kept as it is', async () => {
    await saveTwice();
    const text = '{"version":2,"value":{"theme":"sepia"}}';
    await writeFile(path, text);
    const { value, problem } = await open().load();
    expect(value).toEqual(older);
    expect(problem?.message).toBe('settings.json was written by a newer Tributary.');
    const [kept] = await keptCopies();
    expect(await readFile(join(folder, kept ?? ''), 'utf8')).toBe(text);
  });

  test('unknown keys and wrong types are damage, not half-read settings', async () => {
    await saveTwice();
    await writeFile(path, '{"version":1,"value":{"theme":"dark","admin":true}}');
    expect((await open().load()).value).toEqual(older);
  });

  test('a missing file with a backup is restored', async () => {
    await saveTwice();
    await rm(path);
    expect(await open().load()).toMatchObject({ value: older, problem: { message: 'settings.json was missing.' } });
  });

  test('changes at once are written in order', async () => {
    const store = open();
    await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        store.update((value) => ({ ...value, panels: { ...value.panels, [`p${i}`]: i } })),
      ),
    );
    expect(Object.keys((await open().load()).value.panels)).toHaveLength(30);
  });

  test('clear removes both files', async () => {
    await saveTwice();
    const store = open();
    await store.clear();
    expect(await readdir(folder)).toEqual([]);
    expect(await store.load()).toEqual({ value: initial(), problem: null });
  });
});
