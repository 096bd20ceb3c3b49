import { PostgresTargetSchema, type PostgresTarget } from '../../protocol/postgres.ts';
import { PASSWORD, SUPERUSER, type TestPostgres } from './postgres.ts';

/** How our own code connects to a database of a test server. */
export const targetOf = (server: TestPostgres, database: string, schema = 'public'): PostgresTarget =>
  PostgresTargetSchema.parse({
    hosts: [{ host: '127.0.0.1', port: server.port }],
    database,
    user: SUPERUSER,
    tls: 'plaintext',
    schema,
  });
export const CREDENTIALS = { password: PASSWORD };
