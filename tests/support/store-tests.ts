import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { copyStore, makeStore, type TestStore } from './event-store.ts';
import { startPostgres, VERSIONS, type TestPostgres } from './postgres.ts';

/** Set before each test. */
export interface GivenStore {
  server: TestPostgres;
  /** Empty, without partitions, of this test alone. */
  store: TestStore;
}

/** Tests of an event store, on each version of Postgres that is here. Migrations run once: stores are copies. */
export function describeStores(name: string, tests: (given: GivenStore) => void): void {
  describe.each(VERSIONS)(`${name}, PostgreSQL %i`, (version) => {
    const given = {} as GivenStore;
    let made = 0;
    beforeAll(async () => {
      given.server = await startPostgres({ version });
      await (await makeStore(given.server, 'empty')).close();
    }, 60_000);
    afterAll(() => given.server.stop(), 60_000);
    beforeEach(async () => {
      given.store = await copyStore(given.server, `store_${made++}`, 'empty');
    });
    afterEach(() => given.store.close());
    tests(given);
  });
}
