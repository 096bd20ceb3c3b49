import { EngineError, type ErrorCode } from '../../protocol/errors.ts';
import { SQL_STATES, type Mapped, type SqlStates } from './sql-states.ts';

interface DriverError {
  readonly code?: string;
  readonly message?: string;
  readonly detail?: string;
  readonly severity?: string;
}

/** Any failure of `pg`, of a socket or of TLS as an EngineError of the closed list. `where` is `host:port` or a name. */
export function mapPostgresError(thrown: unknown, where = 'the server', states: SqlStates = SQL_STATES): EngineError {
  if (thrown instanceof EngineError) return thrown;
  const error = (thrown ?? {}) as DriverError;
  const { message = String(thrown), code = '' } = error;
  const [mapped, text, hint] = bySqlState(error, states) ?? bySocket(code, message) ?? byTls(code, message) ?? UNKNOWN;
  return new EngineError(mapped, text.replaceAll('{where}', where).replaceAll('{message}', message), {
    hint,
    details: [code && `${code}: `, message, error.detail && `\n${error.detail}`].filter(Boolean).join(''),
    cause: thrown,
  });
}

const OVERDUE: Mapped = [
  'E_DEADLINE',
  'The server stopped the statement: it took too long.',
  'Ask for less, or allow more time.',
];

/** SQLSTATE of a server's error, or null: five characters, the class is its first two. */
export function sqlState(thrown: unknown): string | null {
  const { code = '', severity } = (thrown ?? {}) as DriverError;
  return severity !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

function bySqlState(error: DriverError, states: SqlStates): Mapped | null {
  const code = sqlState(error);
  if (code === null) return null;
  // Both are one SQLSTATE; only the text tells them apart.
  if (code === '57014' && /timeout/i.test(error.message ?? '')) return OVERDUE;
  return states[code] ?? states[code.slice(0, 2)] ?? null;
}

const unreachable = (text: string, hint: string): Mapped => ['E_CONNECT', text, hint];
const SOCKET: Readonly<Record<string, Mapped>> = {
  ECONNREFUSED: unreachable(
    'Nothing answers at {where}.',
    'Check host and port, and that the server runs and listens there.',
  ),
  ENOTFOUND: unreachable('The host of {where} is not known.', 'Check the spelling; a company host may need your VPN.'),
  EAI_AGAIN: unreachable('The host of {where} cannot be looked up now.', 'Check your network or VPN.'),
  ETIMEDOUT: unreachable(
    '{where} did not answer in time.',
    'Check your network or VPN, and that a firewall lets you through.',
  ),
  EHOSTUNREACH: unreachable('There is no way to {where}.', 'Check your network or VPN.'),
  ENETUNREACH: unreachable('There is no network to {where}.', 'Check your network or VPN.'),
  ENOENT: unreachable('There is no socket of a server at {where}.', 'Check the folder and the port, or use localhost.'),
  EACCES: unreachable('You may not use the socket at {where}.', 'Ask who runs the server, or use localhost.'),
};
const LOST: Mapped = [
  'E_SERVER_LOST',
  'The connection to {where} was lost.',
  'Try again: the connection is made anew by itself. If it stays away, check the server and the network.',
];

function bySocket(code: string, message: string): Mapped | null {
  if (Object.hasOwn(SOCKET, code)) return SOCKET[code] ?? null;
  if (message.includes('timeout expired')) return SOCKET['ETIMEDOUT'] ?? null;
  const lost =
    /^(?:ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_\w+)$/.test(code) ||
    /^Connection terminated|not queryable|was closed|client is closing/i.test(message);
  return lost ? LOST : null;
}

const tls = (text: string, hint: string): Mapped => ['E_TLS', text, hint];
const OWN_AUTHORITY =
  'If your team has an authority of its own, choose its certificate as the CA file; otherwise someone may be listening.';
const CERTIFICATES: Readonly<Record<string, Mapped>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: tls(
    'The certificate of {where} is for another host.',
    'Connect by the name in the certificate, or have it made for this name.',
  ),
  CERT_HAS_EXPIRED: tls('The certificate of {where} has expired.', 'Have it renewed; until then nothing is sent.'),
  CERT_NOT_YET_VALID: tls(
    'The certificate of {where} is not valid yet.',
    'Check the clocks of this machine and of the server.',
  ),
};

function byTls(code: string, message: string): Mapped | null {
  if (Object.hasOwn(CERTIFICATES, code)) return CERTIFICATES[code] ?? null;
  if (
    /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)|CERT_UNTRUSTED|CERT_SIGNATURE|INVALID_CA|CERT_REVOKED|CERT_CHAIN/.test(code)
  )
    return tls('The certificate of {where} is not from an authority that is trusted here.', OWN_AUTHORITY);
  if (message.includes('does not support SSL'))
    return tls(
      '{where} offers no TLS.',
      'Have TLS switched on at the server. Only where nobody can listen, choose plaintext.',
    );
  return /^ERR_SSL|^EPROTO|establishing an SSL/.test(code || message)
    ? tls(
        'No TLS connection to {where} could be made.',
        'Check that a Postgres server with TLS 1.2 or newer answers there.',
      )
    : null;
}

const UNKNOWN: readonly [ErrorCode, string, string] = [
  'E_SERVER_LOST',
  'The server gave an answer that was not expected: {message}',
  'Try again. If it happens again, copy the details.',
];
