import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import { hasOpenssl, makeAuthority, makeCertificateFolder, type Authority } from '../../tests/support/certificates.ts';
import { makeFakeSsh, type FakeSsh } from '../../tests/support/fake-ssh.ts';
import { PASSWORD, startPostgres, type TestPostgres } from '../../tests/support/postgres.ts';
import { cancelQuery } from './cancel-query.ts';
import { closeClient } from './close-client.ts';
import { mapPostgresError } from './map-error.ts';
import { openClient } from './open-client.ts';
import { parseTarget } from './parse-target.ts';

const NAMES = 'DNS:localhost,IP:127.0.0.1';

describe.skipIf(!hasOpenssl || process.platform === 'win32')('lines that are protected', () => {
  let server: TestPostgres;
  let ours: Authority;
  let target: PostgresTarget;
  const folder = makeCertificateFolder();
  beforeAll(async () => {
    ours = makeAuthority('Ours');
    ours.issue(folder, NAMES);
    const files = [
      `ssl_key_file=${path.join(folder, 'server.key')}`,
      `ssl_cert_file=${path.join(folder, 'server.crt')}`,
    ];
    server = await startPostgres({ settings: ['ssl=on', ...files] });
    const url = `postgres://postgres@localhost:${server.port}/postgres?sslmode=verify-full&sslrootcert=${ours.file}`;
    ({ target } = parseTarget(url, {}));
  }, 60_000);
  afterAll(() => server.stop());

  async function show(authority: Authority, names: string, days?: number): Promise<void> {
    authority.issue(folder, names, days);
    const before = await loadedAt();
    await server.query('SELECT pg_reload_conf()');
    // New sessions have the settings, and the certificate, that the postmaster has by then.
    for (let i = 0; i < 200 && (await loadedAt()) === before; i++) await sleep(20);
  }
  const loadedAt = async (): Promise<unknown> =>
    (await server.query('SELECT pg_conf_load_time()::text AS at'))[0]?.['at'];
  /** How the line is in the end, or the failure. */
  async function lineOf(changed: Partial<PostgresTarget> = {}): Promise<string> {
    try {
      const client = await openClient({ ...target, ...changed }, { password: PASSWORD });
      const { rows } = await client.query<{ ssl: boolean }>('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      await closeClient(client);
      return rows[0]?.ssl === true ? 'TLS' : 'plaintext';
    } catch (thrown) {
      const { code, message } = thrown as { code: string; message: string };
      return `${code} ${message}`;
    }
  }
  const at = (host: string): PostgresTarget['hosts'] => [{ host, port: server.port }];

  describe('TLS', () => {
    test('a certificate of our authority for this name, and for this address', async () => {
      expect(await lineOf()).toBe('TLS');
      expect(await lineOf({ hosts: at('127.0.0.1') })).toBe('TLS');
    });
    test('an authority that is not known here', async () => {
      expect(await lineOf({ caFile: null })).toMatch(/^E_TLS .*not from an authority that is trusted/);
      expect(await lineOf({ caFile: makeAuthority('Others').file })).toMatch(/^E_TLS .*not from an authority/);
    });
    test('a CA file that is missing, and one that is none', async () => {
      expect(await lineOf({ caFile: path.join(folder, 'no.pem') })).toMatch(/^E_TLS .*cannot be read/);
      const empty = path.join(folder, 'empty.pem');
      writeFileSync(empty, 'nothing\n');
      expect(await lineOf({ caFile: empty })).toMatch(/^E_TLS .*holds no PEM/);
    });
    test('plaintext where it was chosen', async () => {
      expect(await lineOf({ tls: 'plaintext' })).toBe('plaintext');
    });
    test('a cancel request goes over TLS too', async () => {
      const client = await openClient(target, { password: PASSWORD });
      const answer = client.query('SELECT pg_sleep(20)').catch((thrown: unknown) => mapPostgresError(thrown).code);
      await sleep(100);
      expect(await cancelQuery(client)).toBe('cancelled');
      expect(await answer).toBe('E_CANCELLED');
      await closeClient(client);
    });
    test('a certificate for another host', async () => {
      await show(ours, 'DNS:db.example');
      expect(await lineOf()).toMatch(/^E_TLS .*is for another host/);
    });
    test('a certificate that has expired', async () => {
      await show(ours, NAMES, -1);
      expect(await lineOf()).toMatch(/^E_TLS .*has expired/);
      await show(ours, NAMES);
      expect(await lineOf()).toBe('TLS');
    });
    test('a server without TLS is sent nothing', async () => {
      let sent = '';
      const plain = createServer((socket) => {
        socket.once('data', () => socket.write('N'));
        socket.on('data', (bytes) => (sent += bytes.toString('latin1')));
      });
      await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
      const { port } = plain.address() as AddressInfo;
      expect(await lineOf({ hosts: [{ host: '127.0.0.1', port }] })).toMatch(/^E_TLS .*offers no TLS/);
      expect(sent).toHaveLength(8); // the question alone
      plain.close();
    });
    test.each([
      ['db.example', '', 'verify-full'],
      ['localhost', '', 'plaintext'],
      ['127.0.0.9', '', 'plaintext'],
      ['localhost,db.example', '', 'verify-full'],
      ['localhost', '?ssh=bastion', 'verify-full'],
      ['db.example', '?sslmode=disable', 'plaintext'],
      ['db.example', '?sslmode=verify-full', 'verify-full'],
      ['localhost', '?sslmode=prefer', 'plaintext'],
      ['db.example', '?sslmode=prefer', 'E_TLS'],
      ['db.example', '?sslmode=allow', 'E_TLS'],
      ['db.example', '?sslmode=require', 'E_TLS'],
      ['localhost', '?sslmode=require', 'E_TLS'],
      ['db.example', '?ssl=true', 'E_TLS'],
      ['db.example', '?sslmode=verify-ca', 'E_TLS'],
      ['db.example', '?sslmode=perhaps', 'E_USAGE'],
    ])('what %s%s asks for: %s', (host, options, expected) => {
      const answer = (): string => {
        try {
          return parseTarget(`postgres://u@${host}/d${options}`, {}).target.tls;
        } catch (thrown) {
          return (thrown as { code: string }).code;
        }
      };
      expect(answer()).toBe(expected);
    });
  });

  describe('an SSH tunnel', () => {
    const PATH = process.env['PATH'];
    let ssh: FakeSsh;
    beforeAll(() => {
      ssh = makeFakeSsh();
      process.env['PATH'] = `${ssh.folder}:${PATH ?? ''}`;
      process.env['PGPASSWORD'] = 'canary-of-the-environment';
    });
    afterAll(() => {
      process.env['PATH'] = PATH;
      delete process.env['PGPASSWORD'];
    });
    const through = (host: string): Partial<PostgresTarget> => ({ ssh: { host, user: 'me', port: 2222 } });
    const recorded = (): { readonly args: string[]; readonly env: Record<string, string> } =>
      JSON.parse(readFileSync(ssh.record, 'utf8')) as { args: string[]; env: Record<string, string> };

    test('leads to the server, with its certificate checked for its own name', async () => {
      expect(await lineOf(through('bastion'))).toBe('TLS');
      const { args, env } = recorded();
      expect(args).toEqual(
        expect.arrayContaining(['-N', '-oStrictHostKeyChecking=yes', '-oBatchMode=yes', '-p2222', '-lme']),
      );
      expect(args.slice(-2)).toEqual(['--', 'bastion']);
      expect(JSON.stringify([args, env])).not.toContain('canary');
      expect(JSON.stringify([args, env])).not.toContain(PASSWORD);
    });
    test('whose certificate is for another name is refused', async () => {
      await show(ours, 'DNS:elsewhere');
      expect(await lineOf(through('bastion'))).toMatch(/^E_TLS .*is for another host/);
      await show(ours, NAMES);
    });
    test('to a host whose key is not known', async () => {
      expect(await lineOf(through('refused'))).toMatch(
        /^E_CONNECT The SSH tunnel could not be made. The host’s key is not known/,
      );
    });
    test('is one process for several sessions, and ends with the last', async () => {
      const changed = { ...target, ...through('shared') };
      const clients = await Promise.all([1, 2].map(() => openClient(changed, { password: PASSWORD })));
      const socket =
        recorded()
          .args.find((arg) => arg.startsWith('-L'))
          ?.slice(2)
          .split(':')[0] ?? '';
      await closeClient(clients[0]!);
      expect((await clients[1]!.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      await closeClient(clients[1]!);
      await expect.poll(() => existsSync(path.dirname(socket)), { timeout: 5_000 }).toBe(false);
    });
  });
});
