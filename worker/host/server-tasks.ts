import { inspectServer } from '../source/postgres/inspect-server.ts';
import { PostgresSource } from '../source/postgres/postgres-source.ts';
import { lookAtServer } from './look-at-server.ts';
import { PUSHDOWN_TASKS } from './pushdown-tasks.ts';
import { writeSql } from './sql-task.ts';

/** Loaded by a thread that is first asked about a server, or to write SQL (`ServerPart`). */
export const SERVER_TASKS = { ...PUSHDOWN_TASKS, writeSql, inspectServer, lookAtServer } as const;

export const openServer = (...opening: ConstructorParameters<typeof PostgresSource>): PostgresSource =>
  new PostgresSource(...opening);
