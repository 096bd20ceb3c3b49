import type { PostgresTarget } from '../protocol/index.ts';
import { EngineError } from '../protocol/errors.ts';
import { resolveSource } from './source-request.ts';

interface Flags {
  readonly dataDir?: string | undefined;
}
export interface ServerSource {
  readonly target: PostgresTarget;
  readonly password: string | undefined;
}

/** SOURCE of a command that works on servers alone. Throws E_UNSUPPORTED for a file, and what `resolveSource` throws. */
export async function resolveServer(source: string, { dataDir }: Flags): Promise<ServerSource> {
  const { ref, password } = await resolveSource(source, { dataDir });
  if (ref.kind === 'postgres') return { target: ref.target, password };
  throw new EngineError('E_UNSUPPORTED', 'This command is for event stores on a server.', {
    hint: 'Give a postgres:// URL, or the name of a saved connection.',
  });
}

/** A session with that server; the caller ends it. */
export async function openServer(source: string, flags: Flags) {
  const { target, password } = await resolveServer(source, flags);
  const { openAdminClient } = await import('../worker/admin/admin-client.ts');
  return openAdminClient(target, { password });
}
