import { existsSync } from 'node:fs';
import path from 'node:path';
import type { PostgresRef, PostgresTarget, SourceRef } from '../protocol/index.ts';
import { resolveDataDir } from '../worker/files/data-dir.ts';
import { say } from './console.ts';
import { readMappingFlags, sourceRef, type SourceFlags } from './source-flags.ts';

/** What a command opens: the common part of `OpenRequest`. */
export interface SourceRequest {
  readonly ref: SourceRef;
  /** Of a server, where one was found or typed. */
  readonly password?: string;
}
type Flags = SourceFlags & { readonly dataDir?: string | undefined };

/** A `postgres://` URL or libpq's `key=value`; a file of that name wins over the latter. */
const isUrl = (source: string): boolean => /^postgres(?:ql)?:\/\//i.test(source);
const isPairs = (source: string): boolean => /^\w+\s*=/.test(source) && !existsSync(source);

/**
 * What stands for SOURCE in any command: a file, `sample:`, a `postgres://` URL, `service=NAME`, or the name of a saved
 * connection (an existing file of that name wins). A password comes from the URL, `PGPASSWORD`, `~/.pgpass` or, where the
 * server wants one and a person is there, the terminal. Throws E_BAD_MAPPING, E_USAGE, E_TLS, E_NOT_FOUND, and what
 * `openClient` throws when it had to ask.
 */
export async function resolveSource(source: string, flags: Flags): Promise<SourceRequest> {
  if (isUrl(source) || isPairs(source)) return fromText(source, flags);
  const saved = await findSaved(source, flags);
  if (saved === null) return { ref: await sourceRef(source, flags) };
  const mapping = await readMappingFlags(flags);
  return complete(mapping === null ? saved : { ...saved, mapping }, {});
}

async function fromText(text: string, flags: SourceFlags): Promise<SourceRequest> {
  const { parseTarget } = await import('../worker/connection/parse-target.ts');
  const { target, password, passfile, notes } = parseTarget(text);
  notes.forEach((note) => say(`note: ${note}`));
  const mapping = await readMappingFlags(flags);
  return complete(
    { kind: 'postgres', target, ...(mapping === null ? {} : { mapping }) },
    { given: password, passfile },
  );
}

async function complete(
  ref: PostgresRef,
  known: { readonly given?: string | undefined; readonly passfile?: string | undefined },
): Promise<SourceRequest> {
  const password = await passwordFor(ref.target, known);
  return { ref, ...(password === null ? {} : { password }) };
}

/** Like psql: what is written down somewhere, else none, and only a server that wants one makes us ask. */
async function passwordFor(
  target: PostgresTarget,
  known: { readonly given?: string | undefined; readonly passfile?: string | undefined },
): Promise<string | null> {
  const { findPassword } = await import('../worker/connection/find-password.ts');
  const { password, notes } = findPassword(target, known);
  notes.forEach((note) => say(`note: ${note}`));
  if (password !== null || !process.stdin.isTTY || !process.stderr.isTTY) return password;
  const { wantsPassword } = await import('../worker/connection/wants-password.ts');
  if (!(await wantsPassword(target))) return null;
  const { askPassword } = await import('./ask-password.ts');
  const host = target.hosts[0]?.host ?? '';
  return askPassword(`Password for ${target.user} at ${host}: `);
}

/** null = not a saved connection, or a file of that name is there. */
async function findSaved(name: string, { dataDir }: Flags): Promise<PostgresRef | null> {
  const folder = resolveDataDir(dataDir);
  if (name === 'sample:' || existsSync(name) || !existsSync(path.join(folder, 'connections.json'))) return null;
  const { openConnectionStore } = await import('../worker/files/connection-store.ts');
  const { asPostgresRef } = await import('../protocol/connections.ts');
  const { value, problem } = await openConnectionStore(folder).load();
  if (problem !== null) say(`note: ${problem.message} ${problem.hint}`);
  const found = value.find((connection) => connection.name === name);
  return found === undefined ? null : asPostgresRef(found);
}
