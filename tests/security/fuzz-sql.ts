// node tests/security/fuzz-sql.ts FOLDER [--every N]: SQLite's own fuzz texts (fuzzdata*.db of its source) against the guard.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DatabaseSync } from 'node:sqlite';
import { describeTally, fuzzSql } from './run-fuzz-sql.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { every: { type: 'string', default: '1' } },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('usage: node tests/security/fuzz-sql.ts FOLDER [--every N]');

/** Texts of all files, in their order; bytes that are not UTF-8 come as an editor would show them. */
function* readTexts(from: string, every: number): Generator<string> {
  let at = 0;
  for (const name of readdirSync(from).toSorted()) {
    if (!/^fuzzdata\d+\.db$/.test(name)) continue;
    const db = new DatabaseSync(path.join(from, name), { readOnly: true });
    const read = db.prepare('SELECT CAST(sqltext AS BLOB) AS bytes FROM xsql ORDER BY sqlid');
    for (const { bytes } of read.iterate())
      if (at++ % every === 0 && bytes instanceof Uint8Array) yield Buffer.from(bytes).toString();
    db.close();
  }
}

const texts = readTexts(path.resolve(folder), Number(values.every));
const home = mkdtempSync(path.join(os.tmpdir(), 'tributary-fuzz-'));
try {
  const tally = await fuzzSql(texts, home, (so) => process.stderr.write(`${describeTally(so)}\n`));
  console.log(describeTally(tally));
  for (const line of tally.faults.slice(0, 20)) console.log(line);
  for (const sql of tally.crashed.slice(0, 20)) console.log(`crash: ${JSON.stringify(sql.slice(0, 2_000))}`);
  process.exitCode = tally.faults.length === 0 ? 0 : 1;
} finally {
  rmSync(home, { recursive: true, force: true });
}
