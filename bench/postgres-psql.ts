import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { PASSWORD, SUPERUSER, type TestPostgres } from '../tests/support/postgres.ts';

const PSQL = ['/usr/bin/psql', '/usr/lib/postgresql/15/bin/psql'].find(existsSync);

/** Seconds that psql takes for `COPY (sql) TO STDOUT (FORMAT binary)` into nothing; null = there is no psql here. */
export function timePsql(server: TestPostgres, database: string, sql: string): number | null {
  if (PSQL === undefined) return null;
  const startedAt = performance.now();
  const args = [
    '-h',
    '127.0.0.1',
    '-p',
    String(server.port),
    '-U',
    SUPERUSER,
    '-d',
    database,
    '-X',
    '-q',
    '-o',
    '/dev/null',
  ];
  const done = spawnSync(PSQL, [...args, '-c', `COPY (${sql}) TO STDOUT (FORMAT binary)`], {
    env: { ...process.env, PGPASSWORD: PASSWORD },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return done.status === 0 ? (performance.now() - startedAt) / 1_000 : null;
}

const TICKS_A_SECOND = 100;

/** Seconds of CPU of a server and all its processes, those that have ended too; null where /proc does not say. */
export function getServerCpu(server: TestPostgres): number | null {
  const postmaster = server.pid();
  if (process.platform !== 'linux') return null;
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const fields = readStat(pid);
    // Of proc(5), behind the name: parent 1, own time 11 and 12, that of children who have ended 13 and 14.
    if (Number(fields?.[1]) === postmaster) ticks += Number(fields?.[11]) + Number(fields?.[12]);
    if (Number(pid) === postmaster) ticks += Number(fields?.[13]) + Number(fields?.[14]);
  }
  return ticks / TICKS_A_SECOND;
}

function readStat(pid: string): readonly string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
