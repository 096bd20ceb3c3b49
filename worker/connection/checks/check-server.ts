import type { Client } from 'pg';
import type { Finding } from '../../../protocol/connections.ts';
import { isLoopback } from '../../../protocol/source-names.ts';
import { limitOf } from '../session-budget.ts';
import { finding, readRow, type Check } from './finding.ts';

/** Oldest that the tests run on; the oldest that its makers still mend changes each November. */
const TESTED_FROM = 15;
const MILLION = 10_000;

export const checkVersion: Check = async ({ client }) => {
  const { number, encoding } = await readRow<{ readonly number: number; readonly encoding: string }>(
    client,
    "SELECT current_setting('server_version_num')::int AS number, current_setting('server_encoding') AS encoding",
  );
  const version = `PostgreSQL ${Math.floor(number / MILLION)}.${number % MILLION}`;
  const found = [
    number >= TESTED_FROM * MILLION
      ? finding('version', 'good', `${version}.`)
      : finding(
          'version',
          'warning',
          `${version} is older than what Tributary is tested with.`,
          `Upgrade the server to ${TESTED_FROM} or newer.`,
        ),
  ];
  if (encoding !== 'UTF8')
    found.push(
      finding(
        'encoding',
        'warning',
        `The database is in ${encoding}, not UTF8.`,
        'Names in other scripts may be missing; a database is converted by dump and restore.',
      ),
    );
  return found;
};

export const checkLine: Check = async ({ client, target }) => {
  const { ssl, version } = await readRow<{ readonly ssl: boolean; readonly version: string | null }>(
    client,
    'SELECT coalesce(bool_or(ssl), false) AS ssl, max(version) AS version FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
  );
  // Behind a pooler the server's own view is of the pooler's line; ours was checked when it was made.
  if (target.tls === 'verify-full' && !target.hosts.every(({ host }) => host.startsWith('/')))
    return [
      finding(
        'tls',
        'good',
        `The line is protected by ${ssl ? (version ?? 'TLS') : 'TLS'}, and the certificate is this host’s.`,
      ),
    ];
  if (isLoopback(target))
    return [finding('plaintext', 'note', 'The line is plaintext and does not leave this machine.')];
  const mend = ssl
    ? 'The server offers TLS: choose verify-full.'
    : 'Have TLS switched on at the server, then choose verify-full.';
  return [
    finding(
      'plaintext',
      'danger',
      'The line is plaintext: whoever sits on it reads all data and could take the session over.',
      mend,
    ),
  ];
};

const SKEW_MS = 2_000;

/** Against the middle of the round trip; events of the last seconds would be missing or in the future. */
export const checkClock: Check = async ({ client }) => {
  const before = Date.now();
  const { now } = await readRow<{ readonly now: number }>(
    client,
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
  );
  const skew = Math.round(now - (before + Date.now()) / 2);
  if (Math.abs(skew) < SKEW_MS)
    return [finding('clock_skew', 'good', 'The clocks of the server and of this machine agree.')];
  const seconds = (Math.abs(skew) / 1000).toLocaleString('en-US', { maximumFractionDigits: 1 });
  const which = skew > 0 ? 'ahead of' : 'behind';
  return [
    finding(
      'clock_skew',
      'warning',
      `The server’s clock is ${seconds} s ${which} this machine’s.`,
      'Have both set by NTP; until then “today” and “last hour” are off by that much.',
    ),
  ];
};

interface Room {
  readonly limit: number;
  readonly used: number;
}

export const checkRoom: Check = async ({ client, target }) => {
  const ours = limitOf(target);
  const found = await readRoom(client);
  const free = found.limit - found.used;
  // This session is one of them.
  if (free >= ours - 1) return [];
  return [few(found, ours)];
};

const few = ({ limit, used }: Room, ours: number): Finding =>
  finding(
    'few_connections',
    'warning',
    `${used} of ${limit} connections are taken; Tributary uses up to ${ours}.`,
    'Close idle sessions, or have the limit raised.',
  );

/** The tightest of the limits of server, database and role. */
const readRoom = (client: Client): Promise<Room> =>
  readRow<Room>(
    client,
    `WITH limits AS (
       SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS allowed,
         (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS used
       UNION ALL SELECT datconnlimit, (SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database())
         FROM pg_database WHERE datname = current_database() AND datconnlimit >= 0
       UNION ALL SELECT rolconnlimit, (SELECT count(*)::int FROM pg_stat_activity WHERE usename = current_user)
         FROM pg_roles WHERE rolname = current_user AND rolconnlimit >= 0
     ) SELECT allowed AS limit, used FROM limits ORDER BY allowed - used LIMIT 1`,
  );
