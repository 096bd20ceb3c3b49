import { z } from 'zod';
import { TLS_MODES } from './source-names.ts';

const port = z.int().min(1).max(65_535);

/**
 * Where a database is and how to get there: all of a connection but its password, which is never part of a document,
 * a log, an argument list or an environment.
 */
export const PostgresTargetSchema = z.strictObject({
  /** Tried in this order; the first that answers is used. A name, an address, or a folder of Unix sockets. */
  hosts: z
    .array(z.strictObject({ host: z.string().min(1), port: port.default(5432) }))
    .min(1)
    .max(8),
  database: z.string().min(1),
  user: z.string().min(1),
  tls: z.enum(TLS_MODES).default('verify-full'),
  /** PEM file with the authorities to trust instead of the system's. */
  caFile: z.string().nullish(),
  /** Where the event tables are. */
  schema: z.string().min(1).default('public'),
  applicationName: z.string().min(1).max(63).default('tributary'),
  /** Sessions at most with this server, of all windows, analyses and queries together; absent = `SESSION_LIMIT`. */
  connections: z.int().min(1).max(20).nullish(),
  /** Through the system's `ssh`, with its own configuration and known hosts. */
  ssh: z.strictObject({ host: z.string().min(1), user: z.string().nullish(), port: port.nullish() }).nullish(),
});
export type PostgresTarget = z.infer<typeof PostgresTargetSchema>;
