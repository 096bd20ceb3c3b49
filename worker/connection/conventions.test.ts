import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD, startPostgres, type TestPostgres } from '../../tests/support/postgres.ts';
import { closeClient } from './close-client.ts';
import { findPassword } from './find-password.ts';
import { openClient } from './open-client.ts';
import { parseTarget } from './parse-target.ts';

const DEBIAN_PSQL = '/usr/lib/postgresql/15/bin/psql';
const psql = existsSync(DEBIAN_PSQL) ? DEBIAN_PSQL : spawnSync('psql', ['--version']).status === 0 ? 'psql' : null;
/** Needs every escape there is: in URLs, in pairs, in password files. */
const ODD = { user: "o'dd us:er\\", database: 'd b/1', password: 'p@s:s\\w %/rd\'"' };
const ok = encodeURIComponent(PASSWORD);

let server: TestPostgres;
let home: string;
beforeAll(async () => {
  server = await startPostgres();
  const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  await server.query(`CREATE ROLE "${ODD.user}" LOGIN PASSWORD ${literal(ODD.password)}`);
  await server.createDatabase(ODD.database);
  await server.createDatabase('events');
  await server.createDatabase('postgres2');
}, 60_000);
afterAll(() => server.stop());
afterEach(() => rmSync(home, { recursive: true }));

interface Case {
  readonly text: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly service?: string;
  readonly pgpass?: string;
  readonly pgpassMode?: number;
  /** `user@database application`, of the session that results; null = no session: refused or no password. */
  readonly session: string | null;
}
/** `{port}` is the server's, `{ok}` its superuser's password in a URL. What psql does is what is expected. */
const CASES: Readonly<Record<string, Case>> = {
  'a whole URL': { text: 'postgres://postgres:{ok}@127.0.0.1:{port}/events', session: 'postgres@events' },
  'the other scheme': { text: 'postgresql://postgres:{ok}@127.0.0.1:{port}/events', session: 'postgres@events' },
  'a URL without a database: that of the user': {
    text: 'postgres://postgres:{ok}@127.0.0.1:{port}',
    session: 'postgres@postgres',
  },
  'an empty database': { text: 'postgres://postgres:{ok}@127.0.0.1:{port}/', session: 'postgres@postgres' },
  'an address in brackets is read and does not answer': {
    text: 'postgres://postgres:{ok}@[::1]:{port}/events',
    session: null,
  },
  'parameters instead of parts': {
    text: 'postgres:///events?host=127.0.0.1&port={port}&user=postgres&password={ok}',
    session: 'postgres@events',
  },
  'a parameter goes before a part': {
    text: 'postgres://postgres:{ok}@127.0.0.1:{port}/postgres?dbname=events',
    session: 'postgres@events',
  },
  application_name: {
    text: 'postgres://postgres:{ok}@127.0.0.1:{port}/events?application_name=my%20app',
    session: 'postgres@events my app',
  },
  'escapes in user, password and database': {
    text: `postgres://${encodeURIComponent(ODD.user)}:${encodeURIComponent(ODD.password)}@127.0.0.1:{port}/${encodeURIComponent(ODD.database)}`,
    session: `${ODD.user}@${ODD.database}`,
  },
  'several hosts: the first that answers': {
    text: 'postgres://postgres:{ok}@127.0.0.1:1,127.0.0.1:{port}/events',
    session: 'postgres@events',
  },
  'several hosts, one port': {
    text: 'postgres://postgres:{ok}@/events?host=127.0.0.1,127.0.0.1&port={port}',
    session: 'postgres@events',
  },
  'two hosts, three ports': {
    text: 'postgres://postgres:{ok}@/events?host=127.0.0.1,127.0.0.1&port=1,2,{port}',
    session: null,
  },
  'an unknown parameter': { text: 'postgres://postgres:{ok}@127.0.0.1:{port}/events?colour=red', session: null },
  'a parameter without a value': { text: 'postgres://postgres:{ok}@127.0.0.1:{port}/events?sslmode', session: null },
  'a stray %': { text: 'postgres://postgres:{ok}@127.0.0.1:{port}/eve%nts', session: null },
  pairs: {
    text: "host=127.0.0.1 port={port} user=postgres dbname=events password='{plain}'",
    session: 'postgres@events',
  },
  'pairs with space around =': {
    text: "host = 127.0.0.1 port ={port} user= postgres dbname=events password = '{plain}'",
    session: 'postgres@events',
  },
  'pairs with escapes': {
    text: `host=127.0.0.1 port={port} user='o\\'dd us:er\\\\' dbname=d\\ b/1 password='p@s:s\\\\w %/rd\\'"'`,
    session: `${ODD.user}@${ODD.database}`,
  },
  'pairs with an open quote': { text: "host=127.0.0.1 port={port} user='postgres", session: null },
  'an unknown key': { text: 'host=127.0.0.1 port={port} colour=red', session: null },
  'variables fill what the text leaves out': {
    text: 'postgres://',
    env: {
      PGHOST: '127.0.0.1',
      PGPORT: '{port}',
      PGUSER: 'postgres',
      PGDATABASE: 'events',
      PGPASSWORD: '{plain}',
      PGAPPNAME: 'from env',
    },
    session: 'postgres@events from env',
  },
  'the text goes before variables': {
    text: 'postgres://postgres@127.0.0.1:{port}/events',
    env: { PGHOST: 'nowhere.invalid', PGPORT: '1', PGUSER: 'nobody', PGDATABASE: 'no', PGPASSWORD: '{plain}' },
    session: 'postgres@events',
  },
  'a password in the URL goes before PGPASSWORD': {
    text: 'postgres://postgres:{ok}@127.0.0.1:{port}/events',
    env: { PGPASSWORD: 'wrong' },
    session: 'postgres@events',
  },
  'a service': {
    text: 'service=shop',
    service:
      '# ours\n[other]\nhost=nowhere.invalid\n\n[shop]\nhost=127.0.0.1\nport={port}\nuser=postgres\ndbname=events\npassword={plain}\napplication_name=svc\n',
    session: 'postgres@events svc',
  },
  'a service in a URL': {
    text: 'postgres:///events?service=shop',
    service: '[shop]\nhost=127.0.0.1\nport={port}\nuser=postgres\ndbname=postgres2\npassword={plain}\n',
    session: 'postgres@events',
  },
  'PGSERVICE goes before other variables': {
    text: 'postgres://',
    env: { PGSERVICE: 'shop', PGPORT: '1', PGUSER: 'nobody', PGDATABASE: 'no' },
    service: '[shop]\nhost=127.0.0.1\nport={port}\nuser=postgres\ndbname=events\npassword={plain}\n',
    session: 'postgres@events',
  },
  'a service that is nowhere': { text: 'service=gone', service: '[shop]\nhost=127.0.0.1\n', session: null },
  'services do not nest': {
    text: 'service=shop',
    service: '[shop]\nservice=other\n[other]\nhost=127.0.0.1\n',
    session: null,
  },
  pgpass: {
    text: 'postgres://postgres@127.0.0.1:{port}/events',
    pgpass: '127.0.0.1:{port}:events:postgres:{plain}\n',
    session: 'postgres@events',
  },
  'pgpass with wildcards': {
    text: 'postgres://postgres@127.0.0.1:{port}/events',
    pgpass: '*:*:*:postgres:{plain}\n',
    session: 'postgres@events',
  },
  'pgpass: the first line that fits counts': {
    text: 'postgres://postgres@127.0.0.1:{port}/events',
    pgpass: '# comment\n*:1:*:*:no\n*:*:events:*:wrong\n*:*:*:postgres:{plain}\n',
    session: null,
  },
  'pgpass with escapes': {
    text: `postgres://${encodeURIComponent(ODD.user)}@127.0.0.1:{port}/${encodeURIComponent(ODD.database)}`,
    pgpass: `*:*:*:o'dd us\\:er\\\\:p@s\\:s\\\\w %/rd'"\n`,
    session: `${ODD.user}@${ODD.database}`,
  },
  'pgpass that others may read is ignored': {
    text: 'postgres://postgres@127.0.0.1:{port}/events',
    pgpass: '*:*:*:*:{plain}\n',
    pgpassMode: 0o644,
    session: null,
  },
  'PGPASSWORD goes before pgpass': {
    text: 'postgres://postgres@127.0.0.1:{port}/events',
    env: { PGPASSWORD: 'wrong' },
    pgpass: '*:*:*:*:{plain}\n',
    session: null,
  },
  'pgpass by the name in the address, not by its address': {
    text: 'postgres://postgres@localhost:{port}/events',
    pgpass: '127.0.0.1:*:*:*:wrong\nlocalhost:*:*:*:{plain}\n',
    session: 'postgres@events',
  },
  'an empty password is none': {
    text: 'postgres://postgres:@127.0.0.1:{port}/events',
    pgpass: '*:*:*:*:{plain}\n',
    session: 'postgres@events',
  },
};

/** A folder of its own is HOME; nothing of this machine's is read. */
function prepare({ env = {}, service, pgpass, pgpassMode = 0o600 }: Case): NodeJS.ProcessEnv {
  home = mkdtempSync(path.join(tmpdir(), 'tributary-home-'));
  const files = { PGSERVICEFILE: path.join(home, 'service.conf'), PGPASSFILE: path.join(home, 'pgpass') };
  if (service !== undefined) writeFileSync(files.PGSERVICEFILE, fill(service));
  if (pgpass !== undefined) {
    writeFileSync(files.PGPASSFILE, fill(pgpass));
    chmodSync(files.PGPASSFILE, pgpassMode);
  }
  const given = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)]));
  return { PATH: process.env['PATH'], HOME: home, LC_ALL: 'C', ...files, ...given };
}
const fill = (text: string): string =>
  text.replaceAll('{port}', String(server.port)).replaceAll('{ok}', ok).replaceAll('{plain}', PASSWORD);

async function ours(text: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  try {
    const { target, password: given, passfile } = parseTarget(text, env);
    const { password } = findPassword(target, { given, passfile, env });
    const client = await openClient(target, { password: password ?? 'none' });
    try {
      const { rows } = await client.query<{ session: string }>(SESSION_SQL);
      return rows[0]?.session.replace(/ tributary$/, '') ?? null;
    } finally {
      await closeClient(client);
    }
  } catch {
    return null;
  }
}
const SESSION_SQL = `SELECT current_user || '@' || current_database() || ' ' || current_setting('application_name') AS session`;

function psqls(text: string, env: NodeJS.ProcessEnv): string | null {
  const args = ['--no-psqlrc', '--no-password', '--tuples-only', '--no-align', '--command', SESSION_SQL, text];
  const ran = spawnSync(psql ?? '', args, { env: { ...env, PGCONNECT_TIMEOUT: '5' }, encoding: 'utf8' });
  return ran.status === 0 ? ran.stdout.trim().replace(/ psql$/, '') : null;
}

describe('conventions of psql', () => {
  describe.each(Object.entries(CASES))('%s', (_name, given) => {
    test('here', async () => {
      const env = prepare(given);
      expect(await ours(fill(given.text), env)).toBe(given.session);
    });
    test.skipIf(psql === null)('in psql', () => {
      const env = prepare(given);
      expect(psqls(fill(given.text), env)).toBe(given.session);
    });
  });
});
