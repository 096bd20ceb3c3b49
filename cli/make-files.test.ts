import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ErrorData } from '../protocol/index.ts';
import { PROGRAM, openCli } from '../tests/support/run-cli.ts';
import type { ImportSummary } from '../worker/source/import.ts';

/** Commands that make files: what they say, and what they leave behind. */
const { folder, csv: shopCsv, tributary } = openCli();

test('import says what it took for what, and which lines it put aside', () => {
  const out = path.join(folder, 'again.db');
  const run = tributary('import', shopCsv, '--out', out, '--json');
  expect(run.stderr).toContain('line 5 has no actor');
  const summary = JSON.parse(run.stdout) as ImportSummary;
  expect(summary).toMatchObject({
    rows: 5,
    events: 4,
    rejected: 1,
    rejectedFile: `${out}.rejected.csv`,
    columns: { actor: 'user_id', event: 'event', time: 'time' },
  });
  expect(readFileSync(`${out}.rejected.csv`, 'utf8')).toContain('5,"has no actor');
});

test('sample: the same options make the same events', () => {
  const made = ['a.db', 'b.db'].map((name) => {
    const out = path.join(folder, name);
    const run = tributary(
      'sample',
      '--out',
      out,
      '--users',
      '40',
      '--seed',
      '3',
      '--months',
      '3',
      '--end',
      '2025-01-01',
      '--json',
    );
    expect(run.status).toBe(0);
    const { events, dirt, lastDay } = JSON.parse(run.stdout) as { events: number; dirt: object; lastDay: string };
    return { events, dirt, lastDay };
  });
  expect(made[0]).toEqual(made[1]);
  expect(made[0]?.lastDay).toBe('2024-12-31');
});

describe.skipIf(process.platform === 'win32')('Ctrl-C cancels and leaves nothing', () => {
  test.each([
    ['import', ['import', 'LONG', '--out', 'OUT'], '.partial'],
    ['sample', ['sample', '--out', 'OUT', '--users', '300000'], '.partial-'],
  ])('%s', async (name, args, mark) => {
    const csv = path.join(folder, 'long.csv');
    writeFileSync(csv, `user_id,event,time\n${'ann,open,2024-01-01 10:00:00\n'.repeat(600_000)}`);
    const places: Readonly<Record<string, string>> = { LONG: csv, OUT: path.join(folder, `cancelled-${name}.db`) };
    const child = spawn(process.execPath, [PROGRAM, ...args.map((arg) => places[arg] ?? arg), '--json'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    const left = (): string[] => readdirSync(folder).filter((file) => file.includes(`cancelled-${name}`));
    await expect.poll(() => left().some((file) => file.includes(mark)), { timeout: 20_000 }).toBe(true);
    child.kill('SIGINT');
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect((JSON.parse(errors) as ErrorData).code).toBe('E_CANCELLED');
    expect(status).toBe(5);
    expect(left()).toEqual([]);
  });
});
