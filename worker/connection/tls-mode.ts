import { EngineError } from '../../protocol/errors.ts';
import type { TlsMode } from '../../protocol/source-names.ts';

/**
 * libpq's weaker modes encrypt without checking who answers (or not at all): whoever sits on the line reads the password
 * and all data. Only whole protection or a plain choice of none is offered. Throws E_TLS.
 */
export function chooseTls(sslmode: string | undefined, isLoopback: boolean): TlsMode {
  if (sslmode === 'verify-full') return 'verify-full';
  if (sslmode === 'disable') return 'plaintext';
  if (sslmode === undefined) return isLoopback ? 'plaintext' : 'verify-full';
  // They would do without TLS where the server has none, and on this machine there is no line to listen on.
  if (isLoopback && (sslmode === 'prefer' || sslmode === 'allow')) return 'plaintext';
  if (!Object.hasOwn(WEAK, sslmode))
    throw new EngineError('E_USAGE', `There is no sslmode “${sslmode.slice(0, 40)}”.`, {
      hint: 'Use verify-full or disable.',
    });
  throw new EngineError('E_TLS', `sslmode=${sslmode} ${WEAK[sslmode] ?? ''}, so it is not offered.`, {
    hint: 'Use sslmode=verify-full (with sslrootcert=FILE for an authority of your own), or choose sslmode=disable knowing that the line is plaintext.',
  });
}

const WEAK: Readonly<Record<string, string>> = {
  allow: 'goes on without TLS when the server likes',
  prefer: 'goes on without TLS when the server has none',
  require: 'accepts any certificate, from anyone',
  'verify-ca': 'accepts a certificate of another host',
};
