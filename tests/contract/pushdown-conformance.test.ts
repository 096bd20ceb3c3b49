import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCases } from '../conformance/case-files.ts';
import { createPushdownBackend } from '../conformance/pushdown-backend.ts';
import { runCase } from '../conformance/run-cases.ts';
import { startPostgres, VERSIONS, type TestPostgres } from '../support/postgres.ts';
import { createPostgresRunner, createSqliteRunner, type PushdownRunner } from '../support/pushdown-runner.ts';

/** Funnels have tests of their own. */
const KINDS = ['path', 'transitions', 'step_matrix', 'retention', 'lifecycle', 'stickiness'];
const cases = readCases(path.join(import.meta.dirname, '../conformance'));
/** The older server where it is there; the newest one answers the random analyses. */
const version = VERSIONS.at(-1) ?? 18;

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres({ version });
}, 60_000);
afterAll(() => server.stop());

describe.each([
  { name: 'SQLite', open: (): Promise<PushdownRunner> => Promise.resolve(createSqliteRunner()) },
  { name: `Postgres ${version}`, open: (): Promise<PushdownRunner> => createPostgresRunner(server.url()) },
])('published cases as SQL on $name', ({ open }) => {
  test.each(KINDS)(
    '%s',
    async (kind) => {
      const backend = createPushdownBackend(await open());
      const own = cases.filter((c) => c.kind === kind);
      expect(own.length).toBeGreaterThan(0);
      const failures = [];
      for (const c of own) {
        const outcome = await runCase(c, backend);
        if (outcome.differences.length > 0) failures.push(outcome);
      }
      await backend.close();
      expect(failures).toEqual([]);
    },
    60_000,
  );
});
