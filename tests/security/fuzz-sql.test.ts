import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { describeTally, fuzzSql } from './run-fuzz-sql.ts';

/** Some of SQLite's own fuzz texts (test/fuzzdata*.db of 3.40.1, public domain), as lines of JSON. */
const TEXTS = readFileSync(path.join(import.meta.dirname, 'fuzz-sql.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as string);
/** Parameters of one name and two signs. */
const SIGNS = "SELECT :1, $1, @1, ?1, :a || '', @a";

const home = mkdtempSync(path.join(os.tmpdir(), 'tributary-fuzz-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

test(`${TEXTS.length} fuzz texts change nothing, kill nothing and end in time`, { timeout: 300_000 }, async () => {
  const tally = await fuzzSql([...TEXTS, SIGNS], home);
  console.log(describeTally(tally));
  expect(tally.texts).toBe(TEXTS.length + 1);
  expect(tally.answers.get('ok')).toBeGreaterThan(0);
  expect(tally.answers.get('E_REFUSED')).toBeGreaterThan(0);
  expect(tally.crashed).toEqual([]);
  expect(tally.faults).toEqual([]);
});
