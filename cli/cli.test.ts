import { spawn } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { AnalysisSchema, type ActorPage, type FunnelResult, type Inspection } from '../protocol/index.ts';
import { errorOf, PROGRAM, openCli } from '../tests/support/run-cli.ts';
import { writeDatabase } from '../tests/support/snapshot-file.ts';

const FUNNEL = {
  type: 'funnel',
  steps: [{ event: 'open' }, { event: 'buy', name: 'bought' }],
  window: { value: 1, unit: 'day' },
};

const { folder, csv, tributary, tributaryWith } = openCli();
const funnel = path.join(folder, 'funnel.json');
const shop = path.join(folder, 'shop.db');
beforeAll(() => {
  writeFileSync(funnel, JSON.stringify(FUNNEL));
  tributary('import', csv, '--out', shop);
});

describe('run', () => {
  test('JSON on stdout, notes on stderr', () => {
    const run = tributary('run', shop, funnel);
    expect(run.status).toBe(0);
    const answer = JSON.parse(run.stdout) as FunnelResult;
    expect(answer.steps.map((s) => [s.name, s.count])).toEqual([
      ['open', 2],
      ['bought', 1],
    ]);
    expect(answer.plan).toMatchObject({ rowsTotal: 4 });
    expect(tributary('run', shop, funnel, '--json').stdout.replaceAll(/"\w+Ms": [\d.]+/g, '')).toBe(
      run.stdout.replaceAll(/"\w+Ms": [\d.]+/g, ''),
    );
  });

  test('from stdin, as CSV and as a table', () => {
    const csv = tributaryWith(JSON.stringify(FUNNEL), 'run', shop, '-', '--csv');
    expect(csv.stdout).toMatch(/^step,name,count,[^\r]*\r\n1,open,2,/);
    const table = tributary('run', shop, funnel, '--table');
    expect(table.stdout).toMatch(/step\s+name\s+count/);
    expect(table.stdout).toMatch(/2\s+bought\s+1/);
  });

  test('the actors behind a number: as many as the number', () => {
    const reached = JSON.parse(tributary('run', shop, funnel, '--actors', '0').stdout) as ActorPage;
    expect([reached.total, reached.rows.map((r) => r.actor)]).toEqual([2, ['ann', 'bob']]);
    expect(
      (JSON.parse(tributary('run', shop, funnel, '--actors', 'bought').stdout) as ActorPage).rows.map((r) => r.actor),
    ).toEqual(['ann']);
    expect(
      (
        JSON.parse(tributary('run', shop, funnel, '--selection', '{"droppedBeforeStep":1}').stdout) as ActorPage
      ).rows.map((r) => r.actor),
    ).toEqual(['bob']);
    expect(tributary('run', shop, funnel, '--csv', '--dropped', '1').stdout.split('\r\n').slice(1)).toEqual([
      expect.stringMatching(/^bob,/) as string,
      '',
    ]);
  });

  test('another table by flags and by a file', () => {
    const mapping = [
      '--from',
      'global_events',
      '--actor',
      'event_type',
      '--event-constant',
      'open',
      '--time',
      'event_time',
      '--filter',
      `event_type = 'buy'`,
    ];
    expect(
      (JSON.parse(tributary('run', shop, funnel, ...mapping).stdout) as FunnelResult).steps.map((s) => s.count),
    ).toEqual([1, 0]);
    const json = JSON.stringify({
      table: 'global_events',
      actor: 'event_id',
      event: { column: 'event_type' },
      time: { column: 'event_time' },
    });
    const file = path.join(folder, 'mapping.json');
    writeFileSync(file, json);
    for (const mapping of [file, json]) {
      const answer = JSON.parse(tributary('run', shop, funnel, '--mapping', mapping).stdout) as FunnelResult;
      expect(answer.steps.map((s) => s.count)).toEqual([2, 0]);
    }
  });
});

describe('exit codes', () => {
  test.each([
    [2, 'E_USAGE', ['frobnicate']],
    [2, 'E_USAGE', ['run', 'SHOP']],
    [2, 'E_USAGE', ['run', 'SHOP', 'FUNNEL', '--threads', 'many']],
    [2, 'E_USAGE', ['run', 'SHOP', 'FUNNEL', '--csv']],
    [2, 'E_USAGE', ['run', 'SHOP', 'FUNNEL', '--actors', 'nowhere']],
    [2, 'E_USAGE', ['run', 'SHOP', 'FUNNEL', '--from', 'global_events']],
    [2, 'E_USAGE', ['run', 'SHOP', 'LARGE']],
    [2, 'E_BAD_QUERY', ['run', 'SHOP', 'BAD']],
    [2, 'E_BAD_QUERY', ['run', 'SHOP', 'FUNNEL', '--selection', '{"bin":"x"}']],
    [2, 'E_NO_SUCH_TABLE', ['inspect', 'SHOP', '--from', 'events', '--actor', 'a', '--event', 'b', '--time', 'c']],
    [3, 'E_NOT_FOUND', ['inspect', 'GONE']],
    [3, 'E_NOT_A_DB', ['inspect', 'FUNNEL']],
    [4, 'E_EXISTS', ['sample', '--out', 'SHOP', '--users', '10']],
    [5, 'E_DEADLINE', ['run', 'sample:', 'FUNNEL', '--deadline-ms', '1']],
  ])('%i for %s: %j', (status, code, args) => {
    const bad = path.join(folder, 'bad.json');
    writeFileSync(bad, JSON.stringify({ type: 'funnel', steps: [{ event: 7 }] }));
    const large = path.join(folder, 'large.db');
    writeFileSync(large, '');
    truncateSync(large, 17e6);
    const places: Readonly<Record<string, string>> = {
      SHOP: shop,
      FUNNEL: funnel,
      BAD: bad,
      LARGE: large,
      GONE: path.join(folder, 'gone.db'),
    };
    const run = tributary(...args.map((arg) => places[arg] ?? arg), '--json');
    expect(errorOf(run)).toMatchObject({ code, hint: expect.any(String) as string });
    expect(run.status).toBe(status);
    expect(run.stdout).toBe('');
  });

  test('for people: what happened and what to do, without a stack', () => {
    const run = tributary('inspect', path.join(folder, 'gone.db'));
    expect(run.stderr).toBe(
      'tributary: There is no file at this place. [E_NOT_FOUND]\nCheck the path; the file may have been moved or its disk removed.\n',
    );
  });
});

test('inspect: JSON and text', () => {
  const found = JSON.parse(tributary('inspect', shop).stdout) as Inspection;
  expect(found).toMatchObject({ model: 'tributary', totals: { events: 4, actors: 3 } });
  expect(Object.keys(found)).toEqual([
    'path',
    'sizeBytes',
    'model',
    'tables',
    'candidates',
    'mapping',
    'totals',
    'partitions',
    'issues',
    'guardHours',
    'migrations',
  ]);
  expect(found.migrations?.pending).toEqual([]);
  const text = tributary('inspect', shop, '--table').stdout;
  expect(text).toContain('4 events of 3 actors, 2024-01-01T10:00:00.000Z to 2024-01-03T10:00:00.000Z, in 3 hours');
  expect(text).not.toContain('Migrations');

  const behind = path.join(folder, 'behind.db');
  expect(tributary('migrate', behind, 'up', '--to', '1').status).toBe(0);
  expect(tributary('inspect', behind, '--table').stdout).toContain(
    '`tributary migrate SOURCE up` applies them:\n  0002-live-and-snapshot-info  Where a snapshot was taken from',
  );
});

test('run: a mapping reads another table of the bundled sample', () => {
  const rollup = path.join(folder, 'rollup.json');
  writeFileSync(rollup, JSON.stringify({ type: 'rollup', interval: 'total', by: '$event' }));
  const run = tributary(
    'run',
    'sample:',
    rollup,
    '--json',
    '--from',
    'users',
    '--actor',
    'email',
    '--event-constant',
    'user',
    '--time',
    'created_at',
  );
  expect(run.status).toBe(0);
  const { series } = JSON.parse(run.stdout) as { series: readonly { value: string }[] };
  expect(series.map((one) => one.value)).toEqual(['user']);
});

test('schema: what it says is what is accepted', () => {
  const schema = JSON.parse(tributary('schema').stdout) as {
    readonly $schema: string;
    readonly oneOf: readonly { readonly properties: { readonly type: { readonly const: string } } }[];
  };
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  expect(schema.oneOf.map((s) => s.properties.type.const).toSorted()).toEqual(
    AnalysisSchema.options.map((o) => o.shape.type.value).toSorted(),
  );
  expect(JSON.parse(tributary('schema', 'mapping').stdout)).toMatchObject({
    required: ['table', 'actor', 'event', 'time'],
  });
});

test('a view that computes for ever ends at the deadline', () => {
  const file = writeDatabase(
    path.join(folder, 'endless.db'),
    'CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS who, 1 AS at FROM n',
  );
  const mapping = [
    '--from',
    'endless',
    '--actor',
    'who',
    '--event-constant',
    'open',
    '--time',
    'at',
    '--time-format',
    'seconds',
  ];
  const run = tributary('run', file, funnel, ...mapping, '--deadline-ms', '800', '--json');
  expect(errorOf(run).code).toBe('E_DEADLINE');
  expect(run.status).toBe(5);
});

test('a reader that leaves early is no failure', async () => {
  const child = spawn(process.execPath, [PROGRAM, 'schema'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect([status, errors]).toEqual([0, '']);
});
