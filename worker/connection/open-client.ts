import { Client, type ClientConfig } from 'pg';
import type { PostgresTarget } from '../../protocol/postgres.ts';

export interface ClientOptions {
  /** Held in memory alone; absent = `.pgpass`, or a server that asks for none. */
  readonly password?: string | undefined;
  /** Of the whole attempt, all hosts together. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;

/**
 * A session with the first host that answers. It always has an `error` listener: an idle session that the server ends
 * would else end this process (security.md fact 10).
 */
export async function openClient(target: PostgresTarget, options: ClientOptions = {}): Promise<Client> {
  const [host] = target.hosts;
  const config: ClientConfig = {
    host: host?.host ?? 'localhost',
    port: host?.port ?? 5432,
    database: target.database,
    user: target.user,
    password: options.password,
    application_name: target.applicationName,
    keepAlive: true,
    connectionTimeoutMillis: options.timeoutMs ?? TIMEOUT_MS,
    ssl: target.tls === 'verify-full' ? { rejectUnauthorized: true } : false,
  };
  const client = new Client(config);
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
