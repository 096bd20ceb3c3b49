import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateSample } from '../../samples/generate-sample.ts';
import { ERROR_CODES } from '../../protocol/errors.ts';
import { countVerdicts, hashFolder, lookAtFiles, type Verdicts } from '../support/watch-files.ts';

const CORPUS = path.join(import.meta.dirname, '../../../shared/malformed-sqlite.tar.xz');
const CORPUS_FILES = 10_631;
const SEED = 20_261_122;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-malformed-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function expectAnswered(files: string, expected: number): Promise<Verdicts> {
  const paths = readdirSync(files, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => path.join(e.parentPath, e.name));
  expect(paths).toHaveLength(expected);
  const before = hashFolder(files);
  const verdicts = await lookAtFiles(paths, path.join(folder, 'scratch'));
  const counts = countVerdicts(verdicts);
  console.log(
    `${verdicts.size} files: ${Object.entries(counts)
      .map(([code, n]) => `${code} ${n}`)
      .join(', ')}`,
  );
  expect(verdicts.size).toBe(expected);
  const known = new Set<string>(['ok', ...ERROR_CODES.filter((c) => c !== 'E_INTERNAL')]);
  expect([...verdicts].filter(([, verdict]) => !verdict.split('+').every((code) => known.has(code)))).toEqual([]);
  expect(hashFolder(files), 'nothing is written beside the files').toBe(before);
  return verdicts;
}

test(
  'mutations of a snapshot are answered with a code, without a crash, a hang or a trace',
  { timeout: 120_000 },
  async () => {
    const files = path.join(folder, 'mutations');
    mkdirSync(files);
    const original = readFileSync(smallSnapshot());
    const random = mulberry(SEED);
    const count = 300;
    for (let i = 0; i < count; i++) writeFileSync(path.join(files, `${i}.db`), mutate(original, random));
    const verdicts = await expectAnswered(files, count);
    expect(new Set(verdicts.values())).toEqual(
      new Set([...new Set(verdicts.values()), 'ok', 'E_CORRUPT', 'E_NOT_A_DB']),
    );
  },
);

test.runIf(existsSync(CORPUS))(
  `the corpus of ${CORPUS_FILES} malformed files is answered with codes`,
  { timeout: 300_000 },
  async () => {
    const files = path.join(folder, 'corpus');
    mkdirSync(files);
    execFileSync('tar', ['-xJf', CORPUS, '-C', files]);
    const verdicts = await expectAnswered(files, CORPUS_FILES);
    expect(verdicts.size).toBe(CORPUS_FILES);
  },
);

test('the corpus is there, or its absence is said', () => {
  if (!existsSync(CORPUS))
    console.log(
      'The malformed corpus (../shared/malformed-sqlite.tar.xz) is not on this machine: only the generated mutations were run.',
    );
  expect(readdirSync(path.join(folder, 'mutations')).length).toBeGreaterThan(0);
});

/** Some hundred events of our model, vacuumed to well under 300 kB. */
function smallSnapshot(): string {
  const out = path.join(folder, 'small.db');
  generateSample({ out, users: 30, seed: 3 });
  const db = new Database(out);
  db.exec('VACUUM');
  db.close();
  return out;
}

/** One of: flipped bits, a cut, two pages swapped, a damaged header, a page of noise or of zeros, damaged cell pointers. */
function mutate(original: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(original);
  const below = (n: number): number => Math.floor(random() * n);
  const page = 4_096;
  const pages = bytes.length / page;
  const at = below(pages) * page;
  const kinds: readonly (() => Buffer)[] = [
    () => (
      Array.from({ length: 1 + below(40) }).forEach(() => {
        const i = below(bytes.length);
        bytes[i] = (bytes[i] ?? 0) ^ (1 << below(8));
      }),
      bytes
    ),
    () => bytes.subarray(0, below(bytes.length)),
    () => bytes.subarray(0, below(pages) * page),
    () => (bytes.copyWithin(below(pages) * page, at, at + page), bytes),
    () => ((bytes[16 + below(84)] = below(256)), bytes),
    () => (Array.from({ length: page }, (_, i) => (bytes[at + i] = below(256))), bytes),
    () => bytes.fill(0, at, at + page),
    () => (Array.from({ length: 12 }, (_, i) => (bytes[at + 8 + i] = below(256))), bytes),
  ];
  return kinds[below(kinds.length)]?.() ?? bytes;
}

/** A small seeded generator. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
