import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { PostgresTargetSchema, type PostgresTarget } from '../../protocol/postgres.ts';
import { isLoopback } from '../../protocol/source-names.ts';
import { VARIABLES } from './option-names.ts';
import { parseConninfo, wrongConnection, type Options } from './parse-conninfo.ts';
import { homeOf, readService, type Environment } from './read-service.ts';
import { chooseTls } from './tls-mode.ts';

export interface ParsedTarget {
  readonly target: PostgresTarget;
  /** From the text or its service (`PGPASSWORD` is left to `findPassword`): for this session's memory alone, never to be written anywhere. */
  readonly password?: string;
  /** Password file named in the text or its service; absent = `PGPASSFILE`, else `~/.pgpass`. */
  readonly passfile?: string;
  /** For the user: what was read and is not kept. */
  readonly notes: readonly string[];
}

const URL_PASSWORD =
  'The address holds a password: it is used now and never kept. Where others can read your commands, use ~/.pgpass or PGPASSWORD instead.';

/**
 * Where this text leads, with psql's precedence: the text, then its service, then `PG*` variables, then defaults.
 * Throws E_USAGE, E_TLS for an sslmode that does not check who answers, E_UNSUPPORTED, E_NOT_FOUND (service).
 */
export function parseTarget(text: string, env: Environment = process.env): ParsedTarget {
  const given = parseConninfo(text);
  const options = completeOptions(given, env);
  const hosts = readHosts(options);
  const schema = options.get('schema') ?? firstOfSearchPath(options.get('options') ?? '');
  const ssh = readSsh(options.get('ssh'));
  refuseUnsupported(options);
  const user = options.get('user') ?? userInfo().username;
  const parsed = PostgresTargetSchema.safeParse({
    hosts,
    user,
    database: options.get('dbname') ?? user,
    tls: chooseTls(options.get('sslmode'), isLoopback({ hosts, ssh })),
    caFile: findAuthorities(options.get('sslrootcert'), env),
    ...(schema === undefined ? {} : { schema }),
    applicationName: options.get('application_name')?.slice(0, 63) || 'tributary',
    ...(ssh === null ? {} : { ssh }),
    ...readConnections(options.get('connections')),
  });
  if (!parsed.success) throw wrongConnection('This address cannot be used.', 'Check hosts, ports and names.');
  const password = options.get('password');
  const passfile = options.get('passfile');
  return {
    target: parsed.data,
    ...(password ? { password } : {}),
    ...(passfile ? { passfile } : {}),
    notes: given.has('password') ? [URL_PASSWORD] : [],
  };
}

/** Empty text is "not given" to libpq, except for the password. */
function completeOptions(given: Options, env: Environment): Map<string, string> {
  const options = new Map([...given].filter(([, value]) => value !== ''));
  const service = options.get('service') ?? env[VARIABLES.service];
  const layers: Options[] = service ? [readService(service, env, options.get('servicefile'))] : [];
  layers.push(new Map(Object.entries(VARIABLES).map(([key, variable]) => [key, env[variable] ?? ''])));
  for (const layer of layers)
    for (const [key, value] of layer) if (value !== '' && !options.has(key)) options.set(key, value);
  return options;
}

const SOCKET_FOLDERS = ['/var/run/postgresql', '/tmp'];

function readHosts(options: Options): PostgresTarget['hosts'] {
  const names = (options.get('hostaddr') ?? options.get('host') ?? '').split(',');
  const ports = (options.get('port') ?? '').split(',');
  if (ports.length !== 1 && ports.length !== names.length)
    throw wrongConnection(
      `There are ${names.length} hosts and ${ports.length} ports.`,
      'Give one port for all hosts, or one for each.',
    );
  return names.map((name, i) => {
    const port = readPort((ports.length === 1 ? ports[0] : ports[i]) ?? '');
    return { host: name === '' ? localHost(port) : name, port };
  });
}

function readPort(text: string): number {
  const port = text.trim() === '' ? 5432 : Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw wrongConnection('A port is a number from 1 to 65535.');
}

/** The socket of a server on this machine, where there is one. */
const localHost = (port: number): string =>
  SOCKET_FOLDERS.find((folder) => existsSync(path.join(folder, `.s.PGSQL.${port}`))) ?? 'localhost';

/** `system` and no file at all are the authorities of this program; `~/.postgresql/root.crt` is libpq's default. */
function findAuthorities(given: string | undefined, env: Environment): string | null {
  if (given === 'system') return null;
  if (given !== undefined) return path.resolve(given);
  const usual = path.join(homeOf(env), '.postgresql', 'root.crt');
  return existsSync(usual) ? usual : null;
}

/** `-c search_path=shop,public` → `shop`. */
function firstOfSearchPath(options: string): string | undefined {
  const path_ = /(?:^|\s)(?:-c\s*|--)search_path=((?:\\.|[^\s])+)/.exec(options)?.[1];
  const first = path_?.replaceAll(/\\(.)/g, '$1').split(',')[0]?.trim();
  return first?.replace(/^"(.*)"$/, '$1') || undefined;
}

/** `user@host:port`, as for `ssh`. */
function readSsh(text: string | undefined): PostgresTarget['ssh'] {
  if (text === undefined) return null;
  const match = /^(?:([^@]+)@)?([^@:]+)(?::(\d+))?$/.exec(text);
  if (match?.[2] === undefined)
    throw wrongConnection('ssh names a host as user@host:port.', 'Write ?ssh=user@host:22.');
  return { host: match[2], user: match[1] ?? null, port: match[3] === undefined ? null : readPort(match[3]) };
}

function readConnections(text: string | undefined): Pick<PostgresTarget, 'connections'> {
  if (text === undefined) return {};
  const connections = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (connections >= 1 && connections <= 20) return { connections };
  throw wrongConnection('connections is a number from 1 to 20.', 'Leave it out for 3.');
}

function refuseUnsupported(options: Options): void {
  const attributes = options.get('target_session_attrs') ?? 'any';
  if (attributes !== 'any')
    throw wrongConnection(
      `target_session_attrs=${attributes} is not offered: any host that answers will do for reading.`,
      'Leave it out, and list the hosts in the order to try.',
    );
  for (const option of ['sslcert', 'sslkey', 'requirepeer'])
    if (options.has(option))
      throw wrongConnection(
        `${option} is not offered: the server asks for a password or trusts the line.`,
        'Use a role with a password.',
      );
}
