import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** An authority of its own, and a server's certificate from it. */
export interface Authority {
  /** PEM file to trust. */
  readonly file: string;
  /** A key and a certificate for these names (`DNS:a,IP:b`) as `server.key` and `server.crt` of this folder. */
  readonly issue: (folder: string, names: string, days?: number) => void;
}

/** A folder for `server.key` and `server.crt` that the server's user may read. */
export function makeCertificateFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tributary-certificates-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** `days` of a certificate may be negative: then it has expired. */
export function makeAuthority(name: string): Authority {
  const own = makeCertificateFolder();
  const at = (file: string): string => path.join(own, file);
  const run = (...args: string[]): void => void execFileSync('openssl', args, { cwd: own, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-batch'];
  run('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '30', '-subj', `/CN=${name}`);
  return {
    file: at('ca.crt'),
    issue: (folder, names, days = 30) => {
      writeFileSync(at('names'), `subjectAltName=${names}\n`);
      run('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=server');
      const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names'];
      run('x509', '-req', '-in', 'server.csr', ...by, '-days', String(days), '-out', 'server.crt');
      for (const file of ['server.key', 'server.crt']) copyFileSync(at(file), path.join(folder, file));
      const copy = path.join(folder, 'server.key');
      chmodSync(copy, 0o600);
      // The server runs as this user when the tests run as root, see postgres.ts.
      if (process.getuid?.() === 0) chownSync(copy, 65_534, 65_534);
    },
  };
}
