import Database from 'better-sqlite3';
import { closeSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { randomOf } from '../../../tests/support/random-log.ts';
import { createColumnMemory } from '../../segment/column-memory.ts';
import { findLeaves } from './leaf-pages.ts';
import { openPageFile } from './page-file.ts';
import { PagesUnusable } from './pages-unusable.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-leaves-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Three levels of small pages; rowids with gaps, below zero, in keys of one to six bytes, and of nine. */
function writeTree(): { readonly file: string; readonly root: number; readonly rowids: readonly number[] } {
  const file = path.join(folder, 'tree.db');
  const db = new Database(file);
  db.exec('PRAGMA page_size = 512; CREATE TABLE log (id INTEGER PRIMARY KEY, text); BEGIN');
  const insert = db.prepare("INSERT INTO log VALUES (?, printf('%.200c', 'x'))");
  const rowids = Array.from(
    { length: 4_000 },
    (_, i) => Math.sign(i - 900) * Math.floor(1.0085 ** Math.abs(i - 900)) * 16 + i,
  );
  rowids.forEach((rowid) => insert.run(rowid));
  db.exec('COMMIT');
  const root = db.prepare<[], number>('SELECT rootpage FROM sqlite_schema').pluck().get() ?? 0;
  db.close();
  return { file, root, rowids };
}

/** What a search finds as plain lists, or why it finds nothing. */
function search(file: string, root: number, from: number, to: number, byKernel: boolean): unknown {
  const pages = openPageFile(file);
  try {
    const found = findLeaves(pages, root, from, to, () => {}, byKernel ? createColumnMemory() : null);
    return { pages: [...found.pages], uppers: [...found.uppers], lower: found.lower };
  } catch (error) {
    if (error instanceof PagesUnusable) return error.message;
    throw error;
  } finally {
    closeSync(pages.fd);
  }
}

test('the kernel takes the leaves that its twin takes, and refuses the trees that it refuses', () => {
  const { file, root, rowids } = writeTree();
  const random = randomOf(20261123);
  const anyRow = (): number => rowids[Math.floor(random() * rowids.length)] ?? 0;
  const whole = readFileSync(file);
  const outcomes = new Set<string>();
  for (let round = 0; round < 300; round++) {
    const bytes = Buffer.from(whole);
    // A third of the trees are whole; of others some bytes are changed, in pages above the leaves.
    for (let change = 0; change < round % 3; change++) {
      const page = Math.floor(random() * (bytes.length / 512));
      if (bytes[512 * page] === 5) bytes[512 * page + Math.floor(random() * 512)] = Math.floor(random() * 256);
      else change--;
    }
    writeFileSync(file, bytes);
    const [from, to] = [anyRow(), anyRow()].toSorted((a, b) => a - b) as [number, number];
    const twin = search(file, root, from, to, false);
    expect(search(file, root, from, to, true)).toEqual(twin);
    outcomes.add(typeof twin === 'string' ? twin : 'found');
  }
  expect([...outcomes].toSorted()).toEqual(['found', 'rowids go beyond 2^53', 'the tree of the table is not in order']);
});
