import type { Client } from 'pg';
import type { ConnectionTest, Finding, FindingSeverity } from '../../protocol/connections.ts';
import type { EngineError } from '../../protocol/errors.ts';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import type { Mapping } from '../../protocol/source.ts';
import { checkEvents, findCandidates } from './checks/check-events.ts';
import { checkReadOnly, checkRole } from './checks/check-role.ts';
import { checkClock, checkLine, checkRoom, checkVersion } from './checks/check-server.ts';
import { finding, readRow, type Check } from './checks/finding.ts';
import { closeClient } from './close-client.ts';
import { mapPostgresError } from './map-error.ts';
import { openClient, type ClientOptions } from './open-client.ts';
import { sessionOf } from './session-registry.ts';

export interface TestOptions {
  readonly password?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly mapping?: Mapping | null;
  /** Ids of migrations that are not applied yet, and the newest that is (0 = no store of ours). */
  readonly readMigrations?: (
    client: Client,
  ) => Promise<{ readonly current: number; readonly pending: readonly string[] }>;
}

const CHECKS: readonly Check[] = [
  checkVersion,
  checkLine,
  checkRole,
  checkReadOnly,
  checkEvents,
  checkClock,
  checkRoom,
];
const ORDER: readonly FindingSeverity[] = ['danger', 'warning', 'note', 'good'];
/** No check may keep a server busy; ms. */
const CHECK_MS = 5_000;

/**
 * Connects and looks for what would go wrong, the gravest first. Never rejects: a failure to connect is `error`. Changes
 * nothing on the server, and holds one session for some 100 ms.
 */
export async function testConnection(target: PostgresTarget, options: TestOptions = {}): Promise<ConnectionTest> {
  const began = performance.now();
  let client: Client;
  try {
    client = await openClient(target, { ...pickAccess(options), statementMs: CHECK_MS });
  } catch (thrown) {
    return { ...NOTHING, error: asError(thrown).toData() };
  }
  const connectMs = Math.round(performance.now() - began);
  try {
    return { ...(await look(client, target, options)), connectMs };
  } catch (thrown) {
    return { ...NOTHING, error: asError(thrown).toData(), connectMs };
  } finally {
    await closeClient(client);
  }
}

const NOTHING = {
  error: null,
  findings: [],
  serverVersion: null,
  host: null,
  connectMs: null,
  eventTables: [],
} as const;
const asError = (thrown: unknown): EngineError => mapPostgresError(thrown);
const pickAccess = ({ password, timeoutMs }: TestOptions): ClientOptions => ({
  ...(password === undefined ? {} : { password }),
  ...(timeoutMs === undefined ? {} : { timeoutMs }),
});

async function look(
  client: Client,
  target: PostgresTarget,
  { mapping = null, readMigrations }: TestOptions,
): Promise<Omit<ConnectionTest, 'connectMs'>> {
  const findings: Finding[] = [];
  for (const check of CHECKS) findings.push(...(await check({ client, target, mapping })));
  const ours = mapping === null && findings.some(({ code }) => code === 'event_table');
  if (readMigrations !== undefined && ours) findings.push(...(await checkMigrations(client, readMigrations)));
  const { version } = await readRow<{ readonly version: string }>(
    client,
    "SELECT current_setting('server_version') AS version",
  );
  const { serverName, port } = sessionOf(client).address;
  return {
    error: null,
    findings: findings.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity)),
    serverVersion: version,
    host: `${serverName}:${port}`,
    eventTables: await findCandidates(client, target.schema),
  };
}

async function checkMigrations(
  client: Client,
  readMigrations: NonNullable<TestOptions['readMigrations']>,
): Promise<readonly Finding[]> {
  const { current, pending } = await readMigrations(client);
  if (current === 0 || pending.length === 0) return [];
  const many = pending.length === 1 ? 'A migration is' : `${pending.length} migrations are`;
  return [
    finding(
      'pending_migrations',
      'warning',
      `${many} not applied yet: ${pending.join(', ')}.`,
      'Whoever owns the store runs `tributary migrate SOURCE up`; the window never does.',
    ),
  ];
}
