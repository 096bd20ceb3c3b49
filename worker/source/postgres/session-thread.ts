import { workerData } from 'node:worker_threads';
import { EngineError, toErrorData } from '../../../protocol/errors.ts';
import { ByteRing } from './byte-ring.ts';
import { RawCopy } from './raw-copy.ts';
import { mapPostgresError, sqlState } from '../../connection/map-error.ts';
import { internalsOf } from '../../connection/pg-internals.ts';
import { isSessionWanted, setKeeper, SharedPlaces } from '../../connection/session-budget.ts';
import { noteReader } from '../../connection/session-registry.ts';
import { nameHost, ServerSession } from './server-session.ts';
import { WORD, type FromSession, type SessionData, type SqlValue, type ToSession } from './session-link.ts';

/** A thread that speaks to a server for another one that blocks (`SyncSession`). All that waits, waits here. */
const { port, words, ring: bytes, target, password, budget, ownerId } = workerData as SessionData;
const ring = new ByteRing(bytes, words);
const { imports: toImport } = budget;
setKeeper(new SharedPlaces(() => budget.places, { held: budget.held, threadId: ownerId }));

const IDLE_MS = 10_000;
const TICK_MS = 50;
const HOLD_MS = 170_000;
/** A question that failed this soon is asked once more: there is time for it within the 2 s of an error. */
const SOON_MS = 200;
const MOST_BYTES = 64_000_000;

let session: ServerSession | null = null;
let copy: RawCopy | null = null;
let held: ServerSession | null = null;
/** Something was asked and is not answered. */
let busy = 0;
let inTransaction = false;
let isAborting = false;
/** What was asked before the last abort is not waited for. */
let round = 0;
let idleSince = Date.now();

function wake(): void {
  Atomics.add(words, WORD.wake, 1);
  Atomics.notify(words, WORD.wake);
}

function reply(message: FromSession): void {
  port.postMessage(message);
  wake();
}

function open(hosts = target.hosts): Promise<ServerSession> {
  const mine = round;
  return ServerSession.open({ ...target, hosts }, password, () => mine === round);
}

async function getSession(): Promise<ServerSession> {
  if (session !== null && !session.isGone) return session;
  session = null;
  inTransaction = false;
  session = await open();
  return session;
}

/** A snapshot is known to the server alone that exported it, and another host may have answered this session. */
async function moveTo(host: string): Promise<void> {
  if (session?.isGone === false && session.host === host) return;
  await session?.close();
  session = null;
  session = await open(target.hosts.filter((known) => nameHost(known) === host));
}

async function query(sql: string, values: readonly SqlValue[], named = false): Promise<readonly unknown[]> {
  const askedAt = Date.now();
  const idle = inTransaction ? null : session;
  const used = await getSession();
  const limit = limitAnswer(used);
  try {
    const text = { text: sql, values: [...values] };
    const result = await (named ? used.client.query(text) : used.client.query({ ...text, rowMode: 'array' }));
    return result.rows as readonly unknown[];
  } catch (error) {
    // A connection that stood idle may have been ended meanwhile: then the question goes over a new one.
    const isLost = mapPostgresError(error).code === 'E_SERVER_LOST';
    if (used !== idle || !isLost || isAborting || Date.now() - askedAt > SOON_MS) throw error;
    used.destroy();
    return query(sql, values, named);
  } finally {
    clearInterval(limit);
  }
}

/** Rows that do not come by COPY are gathered here: more of them would be more than this process can hold. */
function limitAnswer({ client }: ServerSession): NodeJS.Timeout {
  const { stream } = internalsOf(client).connection;
  const before = stream.bytesRead;
  return setInterval(() => {
    if (stream.bytesRead - before > MOST_BYTES) stream.destroy(tooMuch());
  }, TICK_MS);
}

const tooMuch = (): EngineError =>
  new EngineError('E_LIMIT', `The server's answer is larger than ${MOST_BYTES / 1e6} MB.`, {
    hint: 'Ask for less at once: a shorter range, fewer groups or a larger interval.',
  });

/** Read-only, one snapshot for all it reads. */
async function begin(snapshot: string | null): Promise<void> {
  if (snapshot !== null) return beginIn(snapshot);
  await query(BEGIN, []);
  inTransaction = true;
}
const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/** `id@host`, as `hold` answers. */
async function beginIn(snapshot: string): Promise<void> {
  const [id = '', host = ''] = snapshot.split('@');
  try {
    await moveTo(host);
    await query(BEGIN, []);
    inTransaction = true;
    await query(`SET TRANSACTION SNAPSHOT '${id.replaceAll(/[^0-9A-Fa-f-]/g, '')}'`, []);
  } catch (error) {
    // The next question is not one of this transaction.
    session?.destroy();
    inTransaction = false;
    throw SNAPSHOT_GONE.has(sqlState(error) ?? '') ? snapshotGone() : error;
  } finally {
    Atomics.sub(toImport, 0, 1);
  }
}

/** Of servers before and since version 16, and of a session that ends at this moment. */
const SNAPSHOT_GONE: ReadonlySet<string> = new Set(['22023', '42704', '55000']);
/** The session that exported it waited for minutes, or was ended. */
const snapshotGone = (): EngineError =>
  new EngineError(
    'E_SERVER_BUSY',
    'The server gave up the state that was being read before all parts of it had begun.',
    {
      hint: 'Try again; the server or this machine has much to do.',
    },
  );

async function end(): Promise<void> {
  if (!inTransaction || session === null || session.isGone) return;
  await query('COMMIT', []);
  inTransaction = false;
}

async function runCopy(sql: string): Promise<void> {
  const { client } = await getSession();
  noteReader(client, () => copy !== null && ring.length > 0);
  copy = new RawCopy(sql, ring, (isFull) => {
    Atomics.store(words, WORD.full, isFull ? 1 : 0);
    wake();
  });
  try {
    await copy.start(client);
  } finally {
    copy = null;
  }
}

async function hold(imports: number): Promise<string> {
  await releaseHeld();
  const exporter = await open();
  held = exporter;
  await exporter.client.query(BEGIN);
  const { rows } = await exporter.client.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
  Atomics.store(toImport, 0, imports);
  const until = Date.now() + HOLD_MS;
  const timer = setInterval(() => {
    const isOver = Atomics.load(toImport, 0) <= 0 || Date.now() > until || exporter.isGone;
    if (!isOver) return;
    clearInterval(timer);
    if (held === exporter) void releaseHeld();
  }, 10);
  return `${rows[0]?.id ?? ''}@${exporter.host}`;
}

async function releaseHeld(): Promise<void> {
  const exporter = held;
  held = null;
  await exporter?.close();
}

async function abort(): Promise<void> {
  isAborting = true;
  round++;
  // Nobody will take over the snapshot of a scan that is given up.
  Atomics.store(toImport, 0, 0);
  const aborted = session;
  session = null;
  inTransaction = false;
  held?.destroy();
  held = null;
  await aborted?.abort();
  isAborting = false;
}

async function close(): Promise<void> {
  const closing = session;
  session = null;
  await Promise.all([closing?.close(), releaseHeld()]);
}

function run(message: Extract<ToSession, { id: number }>): Promise<unknown> {
  switch (message.kind) {
    case 'query':
      return query(message.sql, message.values, message.named);
    case 'begin':
      return begin(message.snapshot);
    case 'end':
      return end();
    case 'copy':
      return runCopy(message.sql);
    case 'hold':
      return hold(message.imports);
    case 'abort':
      return abort();
    case 'close':
      return close();
  }
}

async function answer(message: Extract<ToSession, { id: number }>): Promise<void> {
  busy++;
  try {
    reply({ id: message.id, ok: true, value: await run(message) });
  } catch (error) {
    reply({ id: message.id, ok: false, error: toErrorData(mapPostgresError(error)) });
  } finally {
    busy--;
    idleSince = Date.now();
  }
}

port.on('message', (message: ToSession) => {
  if (message.kind === 'drained') {
    Atomics.store(words, WORD.full, 0);
    copy?.drained();
  } else if (message.kind === 'copyEnd') copy?.giveBack(message.rest);
  else void answer(message);
});

function closeIdle(): void {
  if (busy > 0 || inTransaction || session === null) return;
  if (isSessionWanted(session.client) || Date.now() - idleSince > IDLE_MS) void close();
}

setInterval(() => {
  Atomics.add(words, WORD.beat, 1);
  closeIdle();
}, TICK_MS);
// A driver that throws where nobody can catch it ends this thread alone; the blocked one misses its beat.
