import type { ChildProcess } from 'node:child_process';
import { EngineError } from '../protocol/errors.ts';

/**
 * A view may compute for ever inside SQLite, where neither a cancel nor `process.exit` reaches (security.md fact 2):
 * only killing the process ends it. So commands on mapped tables run in a child of this process, and this one waits.
 *
 * Answers true when a child has done the work (its exit code is set), false in that child itself. Throws E_DEADLINE or
 * E_CANCELLED when it was killed, after `afterKill` has cleaned up behind it.
 */
export async function superviseChild(
  deadlineMs: number | undefined,
  afterKill: (pid: number) => void = () => undefined,
): Promise<boolean> {
  if (process.env[MARK] !== undefined) {
    dieWithParent();
    return false;
  }
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [MARK]: '1' },
  });
  try {
    process.exitCode = await exitOf(child, deadlineMs);
  } catch (thrown) {
    afterKill(child.pid ?? 0);
    throw thrown;
  }
  return true;
}

const MARK = 'TRIBUTARY_SUPERVISED';
/** What the child may take to end by itself, ms. */
const GRACE = 1_000;

function exitOf(child: ChildProcess, deadlineMs: number | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const timers: NodeJS.Timeout[] = [];
    const killAfter = (ms: number, error: EngineError): void => {
      timers.push(
        setTimeout(() => {
          child.kill('SIGKILL');
          reject(error);
        }, ms),
      );
    };
    if (deadlineMs !== undefined) killAfter(deadlineMs + GRACE, overdue(deadlineMs));
    let interrupted = false;
    const interrupt = (signal: NodeJS.Signals): void => {
      interrupted = true;
      // A terminal sends Ctrl-C to both; anyone else only to this process.
      child.kill(signal);
      killAfter(GRACE, cancelled());
    };
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
    child.on('error', reject);
    child.on('close', (code) => {
      timers.forEach((timer) => clearTimeout(timer));
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      if (code === null && interrupted) reject(cancelled());
      else resolve(code ?? 1);
    });
  });
}

function dieWithParent(): void {
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel?.unref();
}

const overdue = (ms: number): EngineError =>
  new EngineError('E_DEADLINE', `This took longer than ${ms} ms.`, {
    hint: 'Allow more time with --deadline-ms. A view that computes for ever never ends.',
  });
const cancelled = (): EngineError =>
  new EngineError('E_CANCELLED', 'Cancelled.', { hint: 'Start it again when you want the answer.' });
