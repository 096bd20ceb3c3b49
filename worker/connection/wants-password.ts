import { EngineError } from '../../protocol/errors.ts';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import { openClient } from './open-client.ts';

/** Whether the server asks for a password. Other failures are told by the work that follows. */
export async function wantsPassword(target: PostgresTarget): Promise<boolean> {
  try {
    const client = await openClient(target);
    await client.end();
    return false;
  } catch (thrown) {
    return thrown instanceof EngineError && thrown.code === 'E_AUTH';
  }
}
