// A CSV of ten million rows: `tributary sql` beside `sqlite3 -csv`, or beside `psql \copy` for a server, in turns.
// Prints wall and processor seconds and the memory of the tree at its most; asserts nothing. The program must be built.
//   node tests/perf/csv.ts SOURCE [--rows 10000000] [--rounds 1] [--sql "SELECT …"]
// SOURCE: a SQLite file or postgres://… (psql must be installed; a peer that is not there is left out).
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/run-tool.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '10000000' },
    rounds: { type: 'string', default: '1' },
    sql: { type: 'string' },
  },
});
const [source] = positionals;
if (source === undefined) throw new Error('Name a SQLite file or a server.');
const sql = values.sql ?? `SELECT * FROM global_events LIMIT ${values.rows}`;
const isServer = source.startsWith('postgres');
const folder = mkdtempSync(path.join(tmpdir(), 'tributary-csv-'));

interface Run {
  readonly seconds: number;
  readonly cpu: number;
  readonly mostMb: number;
  readonly bytes: number;
}

/** Processes that this one started, directly or not. */
function tree(pid: number): number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
    return [pid, ...children.flatMap(tree)];
  } catch {
    return [];
  }
}
function rssOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}

/** `command` writes `out`. Processor time is what the system counts for ended children: user and system. */
async function time(command: readonly string[], out: string): Promise<Run> {
  const [first, ...rest] = ['/usr/bin/time', '-f', '%U %S', ...command];
  const begun = performance.now();
  const child = spawn(first, rest, { stdio: ['ignore', 'inherit', 'pipe'] });
  let told = '';
  child.stderr.on('data', (text: Buffer) => (told += String(text)));
  let mostMb = 0;
  const watch = setInterval(() => {
    mostMb = Math.max(
      mostMb,
      tree(child.pid ?? 0).reduce((sum, pid) => sum + rssOf(pid), 0),
    );
  }, 100);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`${command.join(' ')}: ${told}`);
  const [user = 0, system = 0] = (told.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  const run = { seconds: (performance.now() - begun) / 1000, cpu: user + system, mostMb, bytes: statSync(out).size };
  rmSync(out);
  return run;
}

const out = path.join(folder, 'out.csv');
const ours = ['sql', source, sql, '--format', 'csv', '--raw', '--yes', '--out', out, '--max-rows', '100000000'];
const commands: Readonly<Record<string, readonly string[]>> = {
  [isServer ? 'psql \\copy' : 'sqlite3 -csv']: isServer
    ? ['psql', source, '-qc', `\\copy (${sql}) to '${out}' csv header`]
    : ['sqlite3', '-readonly', '-csv', '-header', '-cmd', `.once ${out}`, source, sql],
  'tributary sql': [process.execPath, path.join(root, 'out/main/tributary.js'), ...ours, '--deadline-ms', '3600000'],
};
const has = (name: string): boolean => {
  try {
    return execFileSync('which', [name]).length > 0;
  } catch {
    return false;
  }
};

const best = new Map<string, number>();
try {
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [name, command] of Object.entries(commands)) {
      if (!has(command[0] ?? '')) continue;
      const { seconds, cpu, mostMb, bytes } = await time(command, out);
      best.set(name, Math.min(best.get(name) ?? Infinity, seconds));
      console.log(
        `${name}: ${seconds.toFixed(1)} s, processor ${cpu.toFixed(1)} s, ${(bytes / 1e6).toFixed(0)} MB, at most ${mostMb.toFixed(0)} MB of memory`,
      );
    }
  const [peer, own] = [...best.values()];
  if (peer !== undefined && own !== undefined)
    console.log(`tributary has ${((peer / own) * 100).toFixed(0)} % of the peer's speed`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
