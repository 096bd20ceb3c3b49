import type { Client } from 'pg';
import { internalsOf } from './pg-internals.ts';

/** Says goodbye and waits at most `graceMs` for the line to close: on a dead line `end` alone would wait for ever. */
export async function closeClient(client: Client, graceMs = 300): Promise<void> {
  const { stream } = internalsOf(client).connection;
  const timer = setTimeout(() => stream.destroy(), graceMs);
  try {
    await client.end();
  } finally {
    clearTimeout(timer);
  }
}
