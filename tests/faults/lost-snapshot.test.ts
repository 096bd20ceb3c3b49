import { describe, expect, it } from 'vitest';
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
    const server = await startPostgres(version);
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
});
