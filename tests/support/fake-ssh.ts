import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder for the front of PATH with an `ssh` that forwards as the real one would, without a host in between. */
export interface FakeSsh {
  readonly folder: string;
  /** Where it writes its arguments and environment, as JSON. */
  readonly record: string;
}

/** The host `refused` says what an unknown key makes ssh say; `stuck` never gets anywhere. */
const SCRIPT = `
import { createServer, connect } from 'node:net';
import { writeFileSync } from 'node:fs';
const args = process.argv.slice(2);
writeFileSync(RECORD, JSON.stringify({ args, env: process.env }));
const host = args.at(-1);
if (host === 'refused') {
  process.stderr.write('No ED25519 host key is known for refused and you have requested strict checking.\\nHost key verification failed.\\n');
  process.exit(255);
}
if (host !== 'stuck')
  for (const forward of args.filter((arg) => arg.startsWith('-L'))) {
    const [, own, far, port] = /^-L(.+?):([^:]+):(\\d+)$/.exec(forward);
    createServer((socket) => {
      const line = connect(Number(port), far);
      socket.pipe(line).pipe(socket);
      socket.on('error', () => line.destroy());
      line.on('error', () => socket.destroy());
    }).listen(own);
  }
setInterval(() => {}, 1000);
`;

export function makeFakeSsh(): FakeSsh {
  const folder = mkdtempSync(path.join(tmpdir(), 'tributary-fake-ssh-'));
  const record = path.join(folder, 'record.json');
  const script = path.join(folder, 'ssh.mjs');
  writeFileSync(script, SCRIPT.replace('RECORD', JSON.stringify(record)));
  const program = path.join(folder, 'ssh');
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
  chmodSync(program, 0o755);
  return { folder, record };
}
