import type { Environment } from '../../../protocol/index.ts';
import { useSession } from '../../stores/session.ts';
import { isOpenPlaintext } from '../connection/is-open-plaintext.ts';

/** What the window must show of the server that is open. */
export interface ServerMarks {
  readonly isServer: boolean;
  readonly environment: Environment | null;
  /** Plaintext over a network. */
  readonly isPlaintext: boolean;
}

export function useServer(): ServerMarks {
  const ref = useSession((s) => s.source?.ref ?? null);
  if (ref?.kind !== 'postgres') return { isServer: false, environment: null, isPlaintext: false };
  return { isServer: true, environment: ref.environment ?? null, isPlaintext: isOpenPlaintext(ref.target) };
}
