import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { AnalysisDocument } from '../../protocol/index.ts';
import { computeBackend, type Backend } from '../conformance/backend.ts';
import { readCases, type ConformanceCase } from '../conformance/case-files.ts';
import { INFORMATION_KINDS } from '../conformance/check-case.ts';
import { runCase } from '../conformance/run-cases.ts';
import { startPostgres, VERSIONS, type PostgresVersion, type TestPostgres } from '../support/postgres.ts';
import { openPostgresLogs, openSqliteLogs, type SqlLogs } from '../support/pushed-down.ts';

/** Published numbers through generated SQL, in both databases, and of Postgres in all versions that are here. */
const cases = readCases(path.join(import.meta.dirname, '../conformance')).filter((c) => !INFORMATION_KINDS.has(c.kind));

/** Actor lists are those of the engine: an answer in SQL is one of numbers. */
function toBackend(logs: SqlLogs, reasons: Map<string, number>): Backend {
  return {
    name: logs.dialect,
    open: async (log) => {
      const number = await logs.add(log);
      const engine = await computeBackend.open(log);
      return {
        ...engine,
        run: async (document) => {
          const answer = await logs.ask(number, document as AnalysisDocument);
          if (!('reason' in answer)) return answer.body as Record<string, unknown>;
          reasons.set(answer.reason, (reasons.get(answer.reason) ?? 0) + 1);
          throw new Error(answer.reason);
        },
      };
    },
    close: () => logs.close(),
  };
}

const servers: TestPostgres[] = [];
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

async function openPostgres(version: PostgresVersion): Promise<SqlLogs> {
  const server = await startPostgres({ version });
  servers.push(server);
  return openPostgresLogs(server.url(await server.createDatabase('cases')));
}

const DATABASES = [
  { name: 'SQLite', open: () => Promise.resolve(openSqliteLogs()) },
  ...VERSIONS.map((version) => ({ name: `PostgreSQL ${version}`, open: () => openPostgres(version) })),
];

async function listFailures(backend: Backend, list: readonly ConformanceCase[], reasons: ReadonlyMap<string, number>) {
  const failures = [];
  for (const c of list) {
    const before = count(reasons);
    const { id, differences } = await runCase(c, backend);
    if (differences.length > 0 && count(reasons) === before) failures.push({ id, differences });
  }
  return failures;
}

const count = (reasons: ReadonlyMap<string, number>): number => [...reasons.values()].reduce((a, b) => a + b, 0);

describe.each(DATABASES)('published cases as SQL of $name', ({ name, open }) => {
  test('give the published numbers; one in a hundred at most is not offered', async () => {
    const reasons = new Map<string, number>();
    const logs = await open();
    try {
      expect(await listFailures(toBackend(logs, reasons), cases, reasons)).toEqual([]);
    } finally {
      await logs.close();
    }
    const refused = count(reasons);
    console.log(`${name}: ${cases.length - refused} of ${cases.length} cases offered`, Object.fromEntries(reasons));
    expect(cases.length).toBeGreaterThan(700);
    expect(refused).toBeLessThanOrEqual(cases.length / 100);
  }, 180_000);
});
