import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { SourceRef } from '../../protocol/index.ts';
import { openEventSource } from '../../worker/source/open-source.ts';
import { writeDatabase } from '../support/snapshot-file.ts';
import { hashFolder } from '../support/watch-files.ts';
import { codeOf, EVENTS, MAPPING, makeHostileFiles } from './hostile.ts';

const { root, scratchDir, place, inspect } = makeHostileFiles();

describe('what is no regular file', () => {
  test.runIf(process.platform !== 'win32')('a pipe is refused at once', () => {
    const file = place('fifo');
    execFileSync('mkfifo', [file]);
    expect(codeOf(() => inspect(file))).toBe('E_NOT_A_FILE');
  });

  test.runIf(existsSync('/dev/zero'))('a link to a device is refused', () => {
    const file = place('zero');
    symlinkSync('/dev/zero', file);
    expect(codeOf(() => inspect(file))).toBe('E_NOT_A_FILE');
  });

  test('a folder, nothing, a dangling link and a link to itself', () => {
    const file = place('odd');
    expect(codeOf(() => inspect(path.dirname(file)))).toBe('E_NOT_A_FILE');
    expect(codeOf(() => inspect(file))).toBe('E_NOT_FOUND');
    symlinkSync(path.join(root, 'gone'), file);
    expect(codeOf(() => inspect(file))).toBe('E_NOT_FOUND');
    const loop = path.join(path.dirname(file), 'loop');
    symlinkSync(loop, loop);
    expect(codeOf(() => inspect(loop))).toBe('E_UNREADABLE');
  });

  test('an empty file, text, and a database cut in the middle of a page', () => {
    const file = place('text');
    writeFileSync(file, '');
    expect(codeOf(() => inspect(file))).toBe('E_NOT_A_DB');
    writeFileSync(file, 'user_id,event,time\n'.repeat(100));
    expect(codeOf(() => inspect(file))).toBe('E_NOT_A_DB');
    writeFileSync(file, Buffer.concat([Buffer.from('SQLite format 3\0\u0010\0'), Buffer.alloc(1000)]));
    expect(codeOf(() => inspect(file))).toBe('E_CORRUPT');
  });

  test('a link to a good database is followed', () => {
    const real = writeDatabase(place('linked'), EVENTS);
    const link = path.join(root, 'link.db');
    symlinkSync(real, link);
    expect(inspect(link).tables.map((t) => t.name)).toEqual(['log']);
  });
});

describe('files that SQLite would write beside', () => {
  function makeWal(name: string): { readonly file: string; readonly writer: Database.Database } {
    const file = place(name);
    const writer = new Database(file);
    writer.pragma('journal_mode = WAL');
    writer.exec(EVENTS);
    return { file, writer };
  }

  test('a write-ahead log with content is read, through a copy', () => {
    const { file, writer } = makeWal('wal');
    const before = readdirSync(path.dirname(file));
    expect(before).toContain('x.db-wal');
    expect(inspect(file, MAPPING).totals?.events).toBe(2);
    expect(readdirSync(path.dirname(file))).toEqual(before);
    expect(inspect(file).tables[0]?.rows).toBe(2);
    writer.close();
  });

  test('a log-flagged file without its log leaves no trace', () => {
    const { file, writer } = makeWal('walless');
    writer.close();
    const before = hashFolder(path.dirname(file));
    expect(readdirSync(path.dirname(file))).toEqual(['x.db']);
    expect(inspect(file, MAPPING).totals?.events).toBe(2);
    expect(hashFolder(path.dirname(file))).toBe(before);
  });

  test('several readers share one private copy, and it follows the file', () => {
    const { file, writer } = makeWal('shared');
    const ref: SourceRef = { kind: 'sqlite', path: file, mapping: MAPPING };
    const sources = [openEventSource(ref, { scratchDir }), openEventSource(ref, { scratchDir })];
    expect(new Set(sources.map((s) => s.fingerprint())).size).toBe(1);
    const first = sources[0]?.fingerprint();
    writer.exec("INSERT INTO log VALUES ('cid', 'open', '2024-01-01 02:00:00')");
    expect(sources[0]?.fingerprint()).not.toBe(first);
    expect(inspect(file, MAPPING).totals?.events).toBe(3);
    sources.forEach((s) => s.close());
    writer.close();
  });

  test('a hot journal is rolled back in the copy only', () => {
    const good = writeDatabase(place('journal-origin'), EVENTS);
    const file = place('journal');
    const script = `
      const Database = require('better-sqlite3'); const { copyFileSync } = require('node:fs');
      const db = new Database(${JSON.stringify(good)}); db.pragma('cache_size = 1'); db.pragma('cache_spill = ON');
      db.exec("BEGIN; CREATE TABLE filler (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO filler SELECT randomblob(500) FROM n; DELETE FROM log;");
      copyFileSync(${JSON.stringify(good)}, ${JSON.stringify(file)}); copyFileSync(${JSON.stringify(`${good}-journal`)}, ${JSON.stringify(`${file}-journal`)});
      process.kill(process.pid, 'SIGKILL');`;
    spawnSync(process.execPath, ['-e', script], { cwd: path.join(import.meta.dirname, '../..') });
    expect(statSync(`${file}-journal`).size).toBeGreaterThan(512);
    const before = hashFolder(path.dirname(file));
    expect(inspect(file, MAPPING).totals?.events).toBe(2);
    expect(hashFolder(path.dirname(file))).toBe(before);
  });

  test('a read-only folder', () => {
    const file = writeDatabase(place('readonly'), EVENTS);
    chmodSync(file, 0o444);
    chmodSync(path.dirname(file), 0o555);
    expect(inspect(file, MAPPING).totals?.events).toBe(2);
    expect(readdirSync(path.dirname(file))).toEqual(['x.db']);
  });

  test('a locked file is busy, not broken', () => {
    const file = writeDatabase(place('locked'), EVENTS);
    const writer = new Database(file);
    writer.exec("BEGIN EXCLUSIVE; INSERT INTO log VALUES ('x', 'y', 'z')");
    expect(codeOf(() => inspect(file))).toBe('E_BUSY');
    writer.exec('ROLLBACK');
    writer.close();
    expect(codeOf(() => inspect(file))).toBe('ok');
  });
});
