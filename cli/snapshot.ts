import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { EngineError } from '../protocol/errors.ts';
import type { Anonymizer } from '../worker/admin/anonymize.ts';
import type { SnapshotSummary } from '../worker/admin/snapshot.ts';
import type { SnapshotSource, TimeRange } from '../worker/admin/snapshot-source.ts';
import { resolveDataDir } from '../worker/files/data-dir.ts';
import { endProgress, say, showProgress, writeJson, writeOut } from './console.ts';
import { onInterrupt } from './engine-session.ts';
import { parseHour } from './hour-flag.ts';
import { SOURCE_HELP } from './source-flags.ts';
import { resolveSource } from './source-request.ts';

interface Flags {
  readonly out?: string;
  readonly from?: number;
  readonly to?: number;
  readonly anonymize?: boolean;
  readonly keyFile?: string;
  readonly keyEnv?: string;
  readonly keep?: string;
  readonly verify?: boolean;
  readonly force?: boolean;
  readonly dataDir?: string;
  readonly json?: boolean;
}

export function addSnapshot(program: Command): Command {
  return program
    .command('snapshot')
    .description('write one state of an event store to a file that analysts work from and share')
    .argument('<source>', SOURCE_HELP)
    .option('--out <file>', 'the snapshot to make; interrupted, the same command goes on')
    .option('--from <time>', 'events from this hour, day or month on, UTC', parseHour)
    .option('--to <time>', 'events before this', parseHour)
    .option('--anonymize', 'e-mail addresses and free text become keyed hashes')
    .option('--key-file <file>', 'the key; made when there is none (default: anonymize.key in the data folder)')
    .option('--key-env <name>', 'the variable that holds the key, instead')
    .option('--keep <keys>', 'metadata whose text stays, like country,channel')
    .option('--verify', 'SOURCE is a snapshot: is it as it was made?')
    .option('--force', 'replace an existing snapshot')
    .option('--data-dir <folder>', 'where saved connections are')
    .option('--json', 'the summary as JSON')
    .action(runSnapshot);
}

async function runSnapshot(source: string, flags: Flags): Promise<void> {
  if (flags.verify === true) return verify(source, flags);
  if (flags.out === undefined)
    throw new EngineError('E_USAGE', 'snapshot needs to know where to write.', { hint: 'Add --out FILE.' });
  const anonymizer = await makeAnonymizer(flags);
  const range: TimeRange = { from: flags.from ?? null, to: flags.to ?? null };
  const reader = await openReader(source, flags, range);
  const interrupts = onInterrupt(() => undefined);
  const startedAt = Date.now();
  try {
    const { takeSnapshot } = await import('../worker/admin/snapshot.ts');
    const done = await takeSnapshot(reader, {
      out: path.resolve(flags.out),
      range,
      force: flags.force,
      anonymizer,
      onProgress: (rows, total) => {
        const perSecond = (rows * 1_000) / Math.max(1, Date.now() - startedAt);
        const etaMs = ((total - rows) * 1_000) / Math.max(1, perSecond);
        showProgress({ requestId: '', phase: 'scan', done: rows, total, unit: 'rows', perSecond, etaMs });
        return interrupts.seen();
      },
    });
    endProgress();
    await (flags.json === true ? writeJson(done) : writeOut(describe(done)));
  } finally {
    endProgress();
    interrupts.stop();
    await reader.close();
  }
}

async function openReader(source: string, { dataDir }: Flags, range: TimeRange): Promise<SnapshotSource> {
  const { ref, password } = await resolveSource(source, { dataDir });
  if (ref.kind === 'postgres') {
    const { snapshotPostgres } = await import('../worker/admin/snapshot-postgres.ts');
    return snapshotPostgres(ref.target, { password }, range);
  }
  const { snapshotSqlite } = await import('../worker/admin/snapshot-sqlite.ts');
  return snapshotSqlite(path.resolve(ref.path), range);
}

async function makeAnonymizer(flags: Flags): Promise<Anonymizer | null> {
  if (flags.anonymize !== true) return null;
  const { Anonymizer, readKeyFile, readKeyVariable } = await import('../worker/admin/anonymize.ts');
  const keep = flags.keep?.split(',').map((key) => key.trim()) ?? [];
  if (flags.keyEnv !== undefined) return new Anonymizer(readKeyVariable(flags.keyEnv, process.env), keep);
  const folder = resolveDataDir(flags.dataDir);
  if (flags.keyFile === undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.resolve(flags.keyFile ?? path.join(folder, 'anonymize.key'));
  const key = readKeyFile(file);
  say(`note: the key is ${file}; keep it to yourself, and for the next snapshot`);
  return new Anonymizer(key, keep);
}

async function verify(source: string, flags: Flags): Promise<void> {
  const { verifySnapshot } = await import('../worker/admin/verify-snapshot.ts');
  const scratch = mkdtempSync(path.join(tmpdir(), 'tributary-verify-'));
  try {
    const { digest, info } = verifySnapshot(path.resolve(source), scratch);
    if (flags.json === true) return await writeJson({ digest, info });
    const range = [info['from'], info['to']].map((time) => time || '…').join(' to ');
    await writeOut(`As it was made ${info['taken_at']} from ${info['source']}, ${range}: ${digest}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function describe(done: SnapshotSummary): string {
  const n = (value: number): string => value.toLocaleString('en-US');
  const tables = Object.entries(done.tables)
    .filter(([name]) => !name.startsWith('rollup'))
    .map(([name, rows]) => `${n(rows)} ${name}`);
  return [
    `${done.out}: ${n(done.events)} events, ${tables.join(', ')}`,
    ...(done.resumedParts > 0 ? [`${done.resumedParts} of ${done.parts} partitions were fetched before`] : []),
    `digest ${done.digest}`,
    `${done.seconds.toFixed(1)} s, ${n(Math.round(done.events / Math.max(done.seconds, 1e-3)))} events a second`,
  ].join('\n');
}
