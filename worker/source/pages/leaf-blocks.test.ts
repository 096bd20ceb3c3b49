import Database from 'better-sqlite3';
import { closeSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BLOCK_LEAVES, LeafBlocks, type Blocks } from './leaf-blocks.ts';
import { openPageFile } from './page-file.ts';
import { PagesUnusable } from './pages-unusable.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-blocks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = path.join(folder, 'log.db');

function change(sql: string): void {
  const db = new Database(file);
  db.exec(sql);
  db.close();
}
const addRows = (count: number): void =>
  change(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
    INSERT INTO log SELECT NULL, printf('%.180c', 'x') FROM n`);

/** Opened anew, as for each state of a source. */
function look<T>(work: (blocks: LeafBlocks) => T): T {
  const db = new Database(file, { readonly: true });
  const root = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'log'").pluck().get() as number;
  db.close();
  const pages = openPageFile(file);
  try {
    return work(new LeafBlocks(pages, root));
  } finally {
    closeSync(pages.fd);
  }
}
const digestAll = (blocks: Blocks): readonly number[] =>
  look((leaves) => [...leaves.digest(blocks, 0, blocks.uppers.length, false)]);
/** Other checksums, or blocks that end with other rows. */
function isNoticed(blocks: Blocks, digests: readonly number[]): boolean {
  try {
    return digestAll(blocks).some((digest, i) => digest !== digests[i]);
  } catch (error) {
    return error instanceof PagesUnusable;
  }
}
const lastOf = ({ uppers }: Blocks): number => uppers.at(-1) ?? Number.MIN_SAFE_INTEGER;

describe('blocks of leaves', () => {
  it('of a table that grows are found from where it ended, and are those that a look at all of it finds', () => {
    change('PRAGMA page_size = 512; CREATE TABLE log (id INTEGER PRIMARY KEY, text TEXT)');
    let before = look((leaves) => leaves.cut(null));
    expect(before).toEqual({ leaves: 0, uppers: [] });
    for (const rows of [1, 3, 400, 2, 700, 1_500, 40]) {
      const digests = digestAll(before);
      addRows(rows);
      const [grown, anew] = look((leaves) => [leaves.cut(before), leaves.cut(null)]);
      expect(grown).toEqual(anew);
      expect(look((leaves) => leaves.endAt(lastOf(before)))).toBe(true);
      const full = Math.floor(before.leaves / BLOCK_LEAVES);
      expect(digestAll(grown).slice(0, full)).toEqual(digests.slice(0, full));
      expect(digestAll(before)).toEqual(digests);
      before = grown;
    }
    expect(before.uppers.length).toBeGreaterThan(4);
  });

  it('tell that an old row was changed, taken away, or put where one was', () => {
    const before = look((leaves) => leaves.cut(null));
    const digests = digestAll(before);
    const middle = Math.floor(lastOf(before) / 2);
    change(`UPDATE log SET text = 'y' || substr(text, 2) WHERE id = ${middle}`);
    const updated = digestAll(before);
    expect(updated.filter((digest, i) => digest !== digests[i])).toHaveLength(1);
    change(`DELETE FROM log WHERE id BETWEEN ${middle} AND ${middle + 20}`);
    expect(isNoticed(before, updated)).toBe(true);
    change('VACUUM');
    expect(isNoticed(before, updated)).toBe(true);
  });
});
