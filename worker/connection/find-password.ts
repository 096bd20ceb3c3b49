import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import { homeOf, type Environment } from './read-service.ts';

export interface FoundPassword {
  /** null = none was found: ask, or try without. */
  readonly password: string | null;
  readonly from: 'given' | 'PGPASSWORD' | 'pgpass' | null;
  /** For the user, e.g. about a password file that others may read and that is ignored for it. */
  readonly notes: readonly string[];
}

export interface PasswordOptions {
  /** From the address or from the user: wins over all. */
  readonly given?: string | null | undefined;
  readonly passfile?: string | undefined;
  readonly env?: Environment;
}
type Server = Pick<PostgresTarget, 'database' | 'user'> & { readonly host: string; readonly port: number };

/** In psql's order: given, `PGPASSWORD`, the password file (a line for any of the hosts, in their order), none. */
export function findPassword(target: PostgresTarget, options: PasswordOptions = {}): FoundPassword {
  const { given, env = process.env, passfile } = options;
  if (given) return { password: given, from: 'given', notes: [] };
  if (env['PGPASSWORD']) return { password: env['PGPASSWORD'], from: 'PGPASSWORD', notes: [] };
  const { lines, notes } = readPassfile(passfile, env);
  for (const { host, port } of target.hosts) {
    const password = matchLine(lines, { host, port, database: target.database, user: target.user });
    if (password !== null) return { password, from: 'pgpass', notes };
  }
  return { password: null, from: null, notes };
}

/** Never throws: like psql, a file that cannot be used is a note. */
export function readPassfile(
  passfile: string | undefined,
  env: Environment,
): { readonly lines: readonly string[]; readonly notes: readonly string[] } {
  const file = passfile ?? (env['PGPASSFILE'] || usualFile(env));
  try {
    const { mode, ...found } = statSync(file);
    if (!statSync(file).isFile())
      return { lines: [], notes: [`The password file ${file} is not a plain file: it is ignored.`] };
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      return {
        lines: [],
        notes: [`The password file ${file} may be read by others: it is ignored until you run chmod 600 on it.`],
      };
    return found.size > 1_000_000
      ? { lines: [], notes: [] }
      : { lines: readFileSync(file, 'utf8').split(/\r?\n/), notes: [] };
  } catch {
    return { lines: [], notes: [] };
  }
}

const usualFile = (env: Environment): string =>
  process.platform === 'win32'
    ? path.join(env['APPDATA'] ?? homeOf(env), 'postgresql', 'pgpass.conf')
    : path.join(homeOf(env), '.pgpass');

const SOCKET_FOLDERS = new Set(['/tmp', '/var/run/postgresql', '/run/postgresql']);

/** `host:port:database:user:password`; `*` matches anything, `\` escapes `:` and itself, the first line that fits counts. */
export function matchLine(lines: readonly string[], server: Server): string | null {
  const { host, port, database, user } = server;
  const wanted = [SOCKET_FOLDERS.has(host) ? 'localhost' : host, String(port), database, user];
  for (const line of lines) {
    if (line.startsWith('#')) continue;
    const fields = splitFields(line);
    if (fields !== null && wanted.every((value, i) => fields[i]?.raw === '*' || fields[i]?.text === value))
      return fields[4]?.text ?? null;
  }
  return null;
}

interface Field {
  readonly raw: string;
  readonly text: string;
}

/** Like libpq: escapes count in the password too, and an unescaped `:` ends it. null when there are fewer fields. */
function splitFields(line: string): readonly Field[] | null {
  const match = /^((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):((?:[^:\\]|\\.|\\$)*)/s.exec(
    line,
  );
  return match?.slice(1).map((raw) => ({ raw, text: raw.replaceAll(/\\(.)/gs, '$1') })) ?? null;
}
