import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { test as base, expect } from 'vitest';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import { closeClient } from '../../worker/connection/close-client.ts';
import { openClient } from '../../worker/connection/open-client.ts';
import { parseTarget } from '../../worker/connection/parse-target.ts';
import { countSessions } from '../../worker/connection/session-budget.ts';
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { PASSWORD } from '../support/postgres.ts';
import { untilAnswered } from './harness.ts';

/** The server at its other end: set before the first test. */
export const behind = { port: 0 };

/** A line of its own for each test, and with it a budget of its own: they run side by side, for most of them wait. */
export interface Line {
  readonly proxy: FaultProxy;
  readonly target: PostgresTarget;
  readonly open: () => Promise<Client>;
  /** How many sessions are counted. */
  readonly inUse: () => number;
  /** The line is well again: how long until the next answer. */
  readonly untilBack: () => Promise<number>;
}
export const test = base.extend<{ line: Line }>({
  // oxlint-disable-next-line no-empty-pattern
  line: async ({}, provide) => {
    const proxy = await startFaultProxy(behind.port);
    const { target } = parseTarget(`postgres://postgres@127.0.0.1:${proxy.port}/postgres`, {});
    const open = (): Promise<Client> => openClient(target, { password: PASSWORD });
    const ask = async (): Promise<void> => {
      const client = await open();
      expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      await closeClient(client);
    };
    const untilBack = (): Promise<number> => {
      proxy.set('pass');
      return untilAnswered(ask);
    };
    const inUse = (): number => countSessions().find(({ server: name }) => name.endsWith(`:${proxy.port}`))?.inUse ?? 0;
    await provide({ proxy, target, open, inUse, untilBack });
    await proxy.close();
    // Every place in the budget is given back.
    while (inUse() > 0) await sleep(20);
  },
});
export { expect };
