import type { PostgresTarget } from './postgres.ts';
import type { SourceRef, SqliteRef } from './source.ts';

/** How a time column is written. `auto` is decided by inspection; text without an offset is UTC. */
export const TIME_FORMATS = ['auto', 'iso', 'seconds', 'milliseconds', 'microseconds', 'julianday'] as const;
export type TimeFormat = (typeof TIME_FORMATS)[number];

/** The bundled sample, made at first use in the data folder. */
export const SAMPLE_REF: SqliteRef = { kind: 'sqlite', path: 'sample:' };

/** How the line to a server is protected. `verify-full`: TLS with a certificate for this very host; `plaintext`: none. */
export const TLS_MODES = ['verify-full', 'plaintext'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

/** What a server is for; colours the window, so that production is unmistakable. */
export const ENVIRONMENTS = ['production', 'staging', 'development'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** The address as text, the same for the same database whatever the password: `postgres://analyst@db.example:5432/events`. */
export function formatTarget({ hosts, user, database }: PostgresTarget): string {
  const at = hosts.map(({ host, port: number }) => `${host.includes(':') ? `[${host}]` : host}:${number}`).join(',');
  return `postgres://${encodeURIComponent(user)}@${at}/${encodeURIComponent(database)}`;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\/.*)$/;
/** Whether every host is this machine: then nothing crosses a network. */
export const isLoopback = ({ hosts, ssh }: Pick<PostgresTarget, 'hosts' | 'ssh'>): boolean =>
  !ssh && hosts.every(({ host }) => LOOPBACK.test(host));

/** The address with all that it takes to get there the same way: for a command line. It is parsed as `parseTarget` does. */
export function formatTargetUrl(target: PostgresTarget): string {
  const { tls, caFile, schema, applicationName, connections, ssh } = target;
  const usual = isLoopback(target) ? 'plaintext' : 'verify-full';
  const at = ssh ? `${ssh.user ? `${ssh.user}@` : ''}${ssh.host}${ssh.port ? `:${ssh.port}` : ''}` : null;
  const options: readonly (readonly [name: string, value: string | number | null | undefined])[] = [
    ['sslmode', tls === usual ? null : tls === 'plaintext' ? 'disable' : tls],
    ['sslrootcert', caFile],
    ['schema', schema === 'public' ? null : schema],
    ['application_name', applicationName === 'tributary' ? null : applicationName],
    ['connections', connections],
    ['ssh', at],
  ];
  const query = options.flatMap(([name, value]) => (value ? [`${name}=${encodeURIComponent(value)}`] : [])).join('&');
  const folders = target.hosts.map(({ host, port }) => ({
    host: host.startsWith('/') ? encodeURIComponent(host) : host,
    port,
  }));
  return `${formatTarget({ ...target, hosts: folders })}${query === '' ? '' : `?${query}`}`;
}

/** The path of a file or the address of a database: equal for the same source, whatever its mapping. */
export const getAddress = (ref: SourceRef): string => (ref.kind === 'sqlite' ? ref.path : formatTarget(ref.target));

/** For people: a file's name without folders, "Sample", or a connection's name. */
export function getRefName(ref: SourceRef): string {
  if (ref.kind === 'postgres') return ref.name ?? `${ref.target.hosts[0]?.host ?? ''}/${ref.target.database}`;
  return ref.path === 'sample:' ? 'Sample' : (ref.path.split(/[/\\]/).at(-1) ?? ref.path);
}

/** Sessions at most with one server, unless its connection says otherwise: courtesy to a server that others use too. */
export const SESSION_LIMIT = 3;
