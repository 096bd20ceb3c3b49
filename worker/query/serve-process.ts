import { EngineError, toErrorData } from '../../protocol/errors.ts';
import { RemotePlaces } from '../connection/remote-places.ts';
import { setKeeper } from '../connection/session-budget.ts';
import { openSession, warmUp } from './open-session.ts';
import type { Answer, Argument, FromProcess, TaskEvent, TaskName, ToProcess } from './messages.ts';
import { runStatement } from './run-statement.ts';
import type { SqlSession } from './sql-session.ts';
import { MemoryTeller } from './tell-memory.ts';

type Report = (event: TaskEvent) => void;
type Handlers = { readonly [T in TaskName]: (argument: Argument<T>, report: Report) => Promise<Answer<T>> };

/** The query process: does one task at a time, and dies rather than hang. Nothing here is trusted to be able to end. */
export function serveProcess(send: (message: FromProcess) => void): (message: ToProcess) => void {
  let session: SqlSession | null = null;
  let running: number | null = null;
  const memory = startTelling();
  const open = (): SqlSession => {
    if (session !== null) return session;
    throw new Error('this process has no session');
  };
  const results = () => import('./result/result-tasks.ts');
  const tables = () => import('./scratch/keep-table.ts');
  const handlers: Handlers = {
    connect: async (task) => {
      session = await openSession(task);
      return task.isProved ? null : session.describe();
    },
    check: ({ sql }) => open().check(sql),
    schema: () => open().schema(),
    vocabulary: () => open().vocabulary(),
    quality: () => open().quality(),
    estimate: (task) => open().estimate(task),
    explain: (task) => open().explain(task, task.analyze),
    run: (task, report) => runStatement(open(), task, report),
    view: async (task, report) => (await results()).buildView(task, report),
    rows: async (task) => (await results()).readRows(task),
    stats: async (task) => (await results()).readStats(task),
    cell: async (task) => (await results()).readCell(task),
    export: async (task, report) => (await import('./export/export-result.ts')).exportResult(task, report),
    keepTable: async (task, report) => (await tables()).keepTable(task, report),
    tables: async (task) => (await tables()).listTables(task),
    dropTable: async (task) => (await tables()).dropTable(task),
    restoreTable: async (task) => (await tables()).restoreTable(task),
  };
  const answer = async (id: number, name: TaskName, argument: unknown): Promise<void> => {
    running = id;
    memory?.setBusy(true);
    try {
      const handler = handlers[name] as (argument: unknown, report: Report) => Promise<unknown>;
      const value = await handler(argument, (event) => send({ type: 'event', id, event }));
      send({ type: 'done', id, value });
    } catch (thrown) {
      send({ type: 'failed', id, error: toErrorData(thrown) });
    } finally {
      running = null;
      memory?.setBusy(false);
    }
  };
  // A field of half a gigabyte throws inside a driver's socket handler, where no query can catch it (security.md fact 10).
  process.on('uncaughtException', (thrown) => {
    if (running !== null) send({ type: 'failed', id: running, error: toErrorData(tooLarge(thrown) ?? thrown) });
    setTimeout(() => process.exit(1), 50);
  });
  // Its sessions with servers are counted with those of everyone else.
  const places = new RemotePlaces();
  places.attach(send);
  setKeeper(places);
  send({ type: 'ready' });
  return (message) => {
    if (message.type === 'cancel') void session?.cancel().catch(() => undefined);
    else if (message.type === 'warm') void warmUp(message.kind).catch(() => undefined);
    else if (message.type !== 'task') places.receive(message);
    else void answer(message.id, message.name, message.argument);
  };
}

/** Linux tells it itself. The folder is what the supervisor gives every process (`forkProcess`). */
function startTelling(): MemoryTeller | null {
  const folder = process.env['SQLITE_TMPDIR'];
  return process.platform === 'linux' || folder === undefined ? null : new MemoryTeller(folder);
}

function tooLarge(thrown: Error): EngineError | null {
  const { code } = thrown as NodeJS.ErrnoException;
  if (
    code !== 'ERR_STRING_TOO_LONG' &&
    code !== 'ERR_BUFFER_TOO_LARGE' &&
    !/Array buffer allocation/.test(thrown.message)
  )
    return null;
  return new EngineError('E_LIMIT', 'One value is too large to be read.', {
    hint: 'Ask for part of it, for example with substr().',
  });
}
