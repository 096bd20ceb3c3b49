// In a network of its own (`unshare -n`): a server, and a session that computes there. The packets of this session alone are
// dropped, both ways; prints as JSON what becomes of it (`Failure`), and that others still come in.
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeClient } from '../../worker/connection/close-client.ts';
import { openClient } from '../../worker/connection/open-client.ts';
import { parseTarget } from '../../worker/connection/parse-target.ts';
import { internalsOf } from '../../worker/connection/pg-internals.ts';
import { PASSWORD, startPostgres } from '../support/postgres.ts';
import { COMPUTING, failureOf } from './harness.ts';

const ip = (...args: readonly string[]): void => void execFileSync('ip', args, { stdio: 'ignore' });
ip('link', 'set', 'lo', 'up');
const server = await startPostgres();
const { target } = parseTarget(`postgres://postgres@127.0.0.1:${server.port}/postgres`, {});
const client = await openClient(target, { password: PASSWORD });
const port = String((internalsOf(client).connection.stream as { readonly localPort?: number }).localPort);
const failed = failureOf(client.query(COMPUTING), performance.now() + 1_500);
await sleep(1_500);
// Before the table of local addresses, which comes first else.
ip('rule', 'add', 'pref', '9', 'lookup', 'local');
ip('rule', 'del', 'pref', '0');
for (const end of ['sport', 'dport']) ip('rule', 'add', 'pref', '1', 'ipproto', 'tcp', end, port, 'blackhole');
const failure = await failed;
await closeClient(client);
const other = await openClient(target, { password: PASSWORD });
await closeClient(other);
console.log(JSON.stringify(failure));
await server.stop();
