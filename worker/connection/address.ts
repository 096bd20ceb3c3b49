import { connect as connectTcp, isIP, type Socket } from 'node:net';
import path from 'node:path';
import { checkServerIdentity, connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { readFileSync } from 'node:fs';
import { EngineError } from '../../protocol/errors.ts';
import type { PostgresTarget } from '../../protocol/postgres.ts';

/** Where one host is reached: itself, or this end of a tunnel to it. */
export interface Address {
  /** A name or an address, or a folder of Unix sockets. */
  readonly host: string;
  readonly port: number;
  /** Who the certificate must be for: the host itself, also through a tunnel. */
  readonly serverName: string;
}
export type Tls = ConnectionOptions | false;

/** A Unix socket has no line to protect. Throws E_TLS when the CA file cannot be used. */
export function tlsOf({ tls, caFile }: PostgresTarget, { host, serverName }: Address): Tls {
  if (tls === 'plaintext' || serverName.startsWith('/')) return false;
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(caFile ? { ca: readAuthorities(caFile) } : {}),
    ...(host === serverName ? {} : { checkServerIdentity: (_, cert) => checkServerIdentity(serverName, cert) }),
  };
}

function readAuthorities(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  } catch (thrown) {
    throw badAuthorities(file, `cannot be read (${(thrown as NodeJS.ErrnoException).code ?? ''})`);
  }
  throw badAuthorities(file, 'holds no PEM certificate');
}

const badAuthorities = (file: string, why: string): EngineError =>
  new EngineError('E_TLS', `The CA file ${file} ${why}.`, {
    hint: 'Choose the PEM file with your authority’s certificate.',
  });

/** A plain socket to the server, not yet connected. */
export const openSocket = ({ host, port }: Address): Socket =>
  host.startsWith('/') ? connectTcp(path.join(host, `.s.PGSQL.${port}`)) : connectTcp(port, host);

/** Postgres' way to TLS: ask in plain, then begin. Answers S or N; the probe of `watchSession` needs no more. */
export const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** TLS over a socket whose server answered S. */
export function startTls(socket: Socket, address: Address, options: ConnectionOptions): TLSSocket {
  const name = address.serverName;
  return connectTls({ ...options, socket, host: name, ...(isIP(name) === 0 ? { servername: name } : {}) });
}
