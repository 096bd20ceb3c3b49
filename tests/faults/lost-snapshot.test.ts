import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createBudget, createImports } from '../../worker/source/postgres/session-link.ts';
import { SyncSession } from '../../worker/source/postgres/sync-session.ts';
import { PASSWORD, startPostgres, VERSIONS } from '../support/postgres.ts';
import { serverSource } from '../support/postgres-logs.ts';

const answerOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (thrown) {
    return (thrown as { readonly code: unknown }).code;
  }
};

describe.each(VERSIONS)('a snapshot that was given up before all had taken it over, on %s', (version) => {
  it('is told as what it is, not as a fault of the question, and the next question works', async () => {
    const server = await startPostgres({ version });
    const session = new SyncSession({ target: serverSource(server.port, 'postgres').ref.target, password: PASSWORD });
    try {
      const snapshot = session.hold(1);
      const one = (): unknown => session.query('SELECT 1');
      expect(answerOf(() => session.inSnapshot(snapshot, undefined, one))).toEqual([[1]]);
      await expect.poll(() => answerOf(() => session.inSnapshot(snapshot, undefined, one))).toBe('E_SERVER_BUSY');
      expect(answerOf(one)).toEqual([[1]]);
    } finally {
      session.close();
      await server.stop();
    }
  }, 60_000);

  it('is not given up because another source of the same server has taken over its own', async () => {
    const server = await startPostgres({ version });
    const { target } = serverSource(server.port, 'postgres').ref;
    const budget = createBudget();
    const [one, other] = [0, 1].map(
      () => new SyncSession({ target, password: PASSWORD, budget: { ...budget, imports: createImports() } }),
    ) as [SyncSession, SyncSession];
    try {
      const first = one.hold(1);
      const second = other.hold(1);
      const read = (session: SyncSession, snapshot: string): unknown =>
        answerOf(() => session.inSnapshot(snapshot, undefined, () => session.query('SELECT 1')));
      expect(read(other, second)).toEqual([[1]]);
      await setTimeout(100);
      expect(read(one, first)).toEqual([[1]]);
    } finally {
      one.close();
      other.close();
      await server.stop();
    }
  }, 60_000);
});
