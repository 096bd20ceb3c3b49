import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ColumnDamaged, PAGE_BYTES, type ColumnValues } from './column-file.ts';
import { ColumnStore, type NamedColumn } from './column-store.ts';
import type { SourceKey } from './manifest.ts';
import { findDamage, listEntries } from './store-folder.ts';

const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_122);
let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-store-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SOURCE: SourceKey = { name: '/data/shop.db', slot: 'shop', state: '1' };
const source = (name: string): SourceKey => ({ name, slot: name, state: '1' });
const problems: string[] = [];
const makeStore = (budgetBytes = 1e9, where = folder): ColumnStore =>
  new ColumnStore({ folder: where, budgetBytes, onProblem: (message) => problems.push(message) });

function shared(bytes: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(bytes));
}
/** One of each type, of sizes on both sides of a slice, and an empty one. */
function makeColumns(): NamedColumn[] {
  const bytes = shared(1_100_001).map((_, i) => i * 7);
  return [
    { name: 'a/u8', values: bytes },
    { name: 'a/u16', values: Uint16Array.from({ length: 5_000 }, (_, i) => i * 13) },
    { name: 'a/u32', values: Uint32Array.from({ length: 70_000 }, (_, i) => i * 65_537) },
    { name: 'b/ä π', values: Float64Array.from({ length: 777 }, (_, i) => (i === 5 ? Number.NaN : i / 3)) },
    { name: 'b/empty', values: new Uint32Array() },
  ];
}
const bytesOf = (values: NamedColumn['values']): Buffer => {
  if ('path' in values) throw new Error('not in memory');
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
};
const emptyLike = (values: NamedColumn['values']): ColumnValues => {
  if ('path' in values) throw new Error('not in memory');
  return new (values.constructor as new (length: number) => ColumnValues)(values.length);
};
async function expectKept(store: ColumnStore, columns: readonly NamedColumn[], key = SOURCE): Promise<void> {
  const stored = store.find(key);
  expect(stored?.names).toEqual(columns.map(({ name }) => name));
  for (const { name, values } of columns) {
    const later = emptyLike(values);
    await stored?.load(name, later);
    expect(bytesOf(later).equals(bytesOf(values))).toBe(true);
    const now = emptyLike(values);
    stored?.loadSync(name, now);
    expect(bytesOf(now).equals(bytesOf(values))).toBe(true);
    await stored?.check(name);
  }
}
function isNoticed(): boolean {
  const stored = makeStore().find(SOURCE);
  if (stored === null) return true;
  try {
    stored.loadSync('x', new Uint32Array(3));
    return false;
  } catch (error) {
    return error instanceof ColumnDamaged;
  }
}
/** The checksum of a manifest in upper case is the same checksum. */
const saysTheSame = (a: Buffer, b: Buffer): boolean =>
  a.subarray(8).equals(b.subarray(8)) && a.toString('latin1', 0, 8).toLowerCase() === b.toString('latin1', 0, 8);
const folderOf = (): string => path.join(folder, readdirSync(folder)[0] ?? '');

describe('ColumnStore', () => {
  it('keeps what it had when a writing is of no use any more, before it begins and on the way', async () => {
    const store = makeStore();
    const before = makeColumns();
    await store.save(SOURCE, {}, 1, before);
    const files = readdirSync(folder, { recursive: true }).length;
    const later = { ...SOURCE, state: '2' };
    const told = problems.length;
    const [early, midway] = [new AbortController(), new AbortController()];
    early.abort();
    await store.save(later, {}, 1, before, early.signal);
    // Read when the writing has come that far.
    const last = {
      name: 'c/last',
      get values() {
        midway.abort();
        return shared(3_000_000);
      },
    };
    await store.save(later, {}, 1, [...before, last], midway.signal);
    expect(store.find(later)).toBeNull();
    await expectKept(store, before);
    expect(readdirSync(folder, { recursive: true })).toHaveLength(files);
    expect(problems).toHaveLength(told);
  });

  it('gives back what was saved, facts and columns', async () => {
    const columns = makeColumns();
    await makeStore().save(SOURCE, { facts: [1, 'ü'] }, 42, columns);
    await expectKept(makeStore(), columns);
    expect(makeStore().find(SOURCE)?.manifest).toMatchObject({
      events: 42,
      facts: { facts: [1, 'ü'] },
      source: SOURCE,
    });
    expect(problems).toEqual([]);
  });

  it('adds columns, keeps a file as a column, and replaces all of it when the source has changed', async () => {
    const store = makeStore();
    const [first, ...more] = makeColumns();
    if (first === undefined) throw new Error('no columns');
    await store.save(SOURCE, null, 1, [first]);
    await store.add(SOURCE, [first, ...more]);
    await expectKept(store, [first, ...more]);

    const file = path.join(folder, '..', `${path.basename(folder)}-rows`);
    writeFileSync(file, Buffer.from(Uint32Array.of(9, 8, 7, 6).buffer));
    const changed = { ...SOURCE, state: '2' };
    await store.add(changed, [first]);
    expect(store.find(changed)).toBeNull();
    await store.save(changed, null, 1, [{ name: 'rows', values: { path: file, at: 4, type: 'u32', length: 3 } }]);
    rmSync(file);
    await expectKept(store, [{ name: 'rows', values: Uint32Array.of(8, 7, 6) }], changed);
    expect(store.find(SOURCE)).toBeNull();
    expect(readdirSync(folderOf())).toHaveLength(2);
  });

  it('notices every changed byte of a manifest and of the page before a column', async () => {
    const columns: NamedColumn[] = [{ name: 'x', values: Uint32Array.of(1, 2, 3) }];
    await makeStore().save(SOURCE, { a: 1 }, 3, columns);
    const unnoticed: string[] = [];
    for (const name of readdirSync(folderOf())) {
      const file = path.join(folderOf(), name);
      const whole = readFileSync(file);
      for (let at = 0; at < whole.length; at++) {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
        writeFileSync(file, bytes);
        if (!isNoticed() && !saysTheSame(bytes, whole)) unnoticed.push(`byte ${at} of ${name}`);
      }
      writeFileSync(file, whole);
    }
    expect(unnoticed).toEqual([]);
    await expectKept(makeStore(), columns);
  }, 120_000);

  it(`notices changed values, files cut short, grown or gone (TRIBUTARY_SEED=${SEED})`, async () => {
    const columns = makeColumns();
    await makeStore().save(SOURCE, null, 1, columns);
    const stored = makeStore().find(SOURCE);
    let random = SEED;
    const next = (below: number): number => (random = (random * 1_103_515_245 + 12_345) & 0x7fff_ffff) % below;
    for (const { name, values } of columns) {
      const file = path.join(folderOf(), stored?.entry(name)?.file ?? '');
      const whole = readFileSync(file);
      const flip = (): Buffer => {
        const bytes = Buffer.from(whole);
        const at = PAGE_BYTES + next(whole.length - PAGE_BYTES);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << next(8));
        return bytes;
      };
      const flipped = whole.length === PAGE_BYTES ? [] : Array.from({ length: 12 }, flip);
      const cut = [whole.subarray(0, -1), whole.subarray(0, 100), Buffer.alloc(0), Buffer.concat([whole, whole])];
      for (const bytes of [...flipped, ...cut]) {
        writeFileSync(file, bytes);
        await expect(stored?.load(name, emptyLike(values))).rejects.toThrow(ColumnDamaged);
        await expect(stored?.check(name)).rejects.toThrow(ColumnDamaged);
      }
      const [entry] = await listEntries(folder);
      expect(entry === undefined ? [] : await findDamage(entry)).toEqual([name]);
      rmSync(file);
      await expect(stored?.load(name, emptyLike(values))).rejects.toThrow(ColumnDamaged);
      writeFileSync(file, whole);
    }
    await expectKept(makeStore(), columns);
  });

  it('knows nothing of another version, of another source in the same place, or of a folder without a manifest', async () => {
    await makeStore().save(SOURCE, null, 1, makeColumns());
    expect(makeStore().find({ ...SOURCE, slot: 'other' })).toBeNull();
    const file = path.join(folderOf(), 'manifest.json');
    const text = readFileSync(file, 'utf8');
    const other = text.slice(9).replace('"format":1', '"format":2');
    const { crc32 } = await import('node:zlib');
    writeFileSync(file, `${crc32(other).toString(16).padStart(8, '0')}\n${other}`);
    expect(makeStore().find(SOURCE)).toBeNull();
    rmSync(file);
    expect(makeStore().find(SOURCE)).toBeNull();
  });

  it('removes what was used longest ago when the budget is spent, and keeps nothing that is larger than it', async () => {
    const columns: NamedColumn[] = [{ name: 'x', values: new Uint8Array(100_000) }];
    const store = makeStore(250_000);
    await store.save(source('one'), null, 1, columns);
    await store.save(source('two'), null, 1, columns);
    const age = (name: string, seconds: number): void => {
      const at = readdirSync(folder).find((entry) => entry.startsWith(name)) ?? '';
      utimesSync(path.join(folder, at, 'manifest.json'), seconds, seconds);
    };
    age('one', 1_000);
    age('two', 2_000);
    expect(store.find(source('one'))).not.toBeNull();
    await store.save(source('three'), null, 1, columns);
    expect(['one', 'two', 'three'].map((name) => store.find(source(name)) !== null)).toEqual([true, false, true]);
    await store.save(source('four'), null, 1, [{ name: 'x', values: new Uint8Array(300_000) }]);
    expect(store.find(source('four'))).toBeNull();
    expect(store.find(source('three'))).not.toBeNull();
  });

  it('leaves no file behind that no manifest names, but those of another living process', async () => {
    const store = makeStore();
    await store.save(SOURCE, null, 1, makeColumns());
    const left = (name: string): string => path.join(folderOf(), name);
    writeFileSync(left('999999999-dead-0.0.column'), 'x');
    writeFileSync(left(`${process.ppid}-alive-0.0.column`), 'x');
    await store.save({ ...SOURCE, state: '2' }, null, 1, [{ name: 'x', values: new Uint8Array(3) }]);
    expect(readdirSync(folderOf()).filter((name) => name.endsWith('.column'))).toHaveLength(2);
    expect(existsSync(left(`${process.ppid}-alive-0.0.column`))).toBe(true);
  });

  it('two stores that write the same source at once leave one whole state', async () => {
    const columns = makeColumns();
    const stores = [makeStore(), makeStore(), makeStore()];
    await Promise.all(stores.map((store) => store.save(SOURCE, null, 1, columns)));
    expect(makeStore().find(SOURCE)).not.toBeNull();
    await expectKept(makeStore(), columns);
  });

  it('says once that it cannot write, and goes on without', async () => {
    problems.length = 0;
    const file = path.join(folder, 'file');
    writeFileSync(file, 'no folder');
    const store = makeStore(1e9, path.join(file, 'columns'));
    await store.save(SOURCE, null, 1, makeColumns());
    await store.save(SOURCE, null, 1, makeColumns());
    expect(store.find(SOURCE)).toBeNull();
    expect(problems).toHaveLength(1);
    expect(statSync(file).size).toBe(9);
  });
});
