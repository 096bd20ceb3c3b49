import { mkdirSync, rmSync } from 'node:fs';
import {
  endServer,
  findBinaries,
  findFreePort,
  initialize,
  letIn,
  spawnServer,
} from '../tests/support/postgres-process.ts';

export const POSTGRES_USER = 'bench';

/** A server for the folder, on a free port of 127.0.0.1, with memory for big sorts and `threads` workers a query. */
export interface PostgresServer {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** An empty cluster in `folder/data`. */
export async function makeCluster(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  letIn(folder);
  initialize(folder, await findBinaries(folder), ['-U', POSTGRES_USER, '-A', 'trust']);
}

const settingsFor = (threads: number): readonly string[] => [
  'shared_buffers=1GB',
  'work_mem=512MB',
  'maintenance_work_mem=1GB',
  'effective_cache_size=12GB',
  'random_page_cost=1.1',
  `max_parallel_workers_per_gather=${threads - 1}`,
  'max_parallel_maintenance_workers=1',
  'max_wal_size=20GB',
  'jit=off',
  'autovacuum=off',
];

export async function startPostgres(folder: string, threads: number): Promise<PostgresServer> {
  const port = await findFreePort();
  const server = await spawnServer(folder, await findBinaries(folder), port, settingsFor(threads));
  return { port, stop: () => endServer(server, 'SIGINT') };
}
