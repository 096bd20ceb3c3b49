import { join } from 'node:path';
import { z } from 'zod';
import {
  ErrorDataSchema,
  RecentSchema,
  RecoverySchema,
  SettingsSchema,
  type ErrorData,
  type Recent,
  type Recovery,
  type Settings,
} from '../../protocol/index.ts';
import { openConnectionStore, type ConnectionStore } from './connection-store.ts';
import { JsonStore } from './json-store.ts';
import { NO_KEYCHAIN, PasswordStore, type KeychainState } from './password-store.ts';

/** What Tributary remembers between runs, in the data folder. */
const MAX_RECENTS = 20;

const SessionSchema = z.strictObject({
  /** The process that is running, or 0 after a clean end. */
  pid: z.int(),
  startedAt: z.number(),
  failure: ErrorDataSchema.nullable(),
});
type Session = z.output<typeof SessionSchema>;

export interface AppState {
  readonly settings: JsonStore<Settings>;
  readonly recents: JsonStore<Recent[]>;
  readonly recovery: JsonStore<Recovery | null>;
  readonly session: JsonStore<Session>;
  /** Read anew each time: the command line changes them too. */
  readonly openConnections: () => ConnectionStore;
  readonly passwords: PasswordStore;
}

/** `mode` keeps the sessions of the window and of browser mode apart: both may run at once. */
export function openAppState(
  dataDir: string,
  mode: 'desktop' | 'browser',
  openKeychain: () => Promise<KeychainState> = () => Promise.resolve(NO_KEYCHAIN),
): AppState {
  return {
    settings: new JsonStore(join(dataDir, 'settings.json'), SettingsSchema, () => SettingsSchema.parse({})),
    recents: new JsonStore(join(dataDir, 'recents.json'), z.array(RecentSchema), () => []),
    recovery: new JsonStore(join(dataDir, 'recovery.json'), RecoverySchema.nullable(), () => null),
    session: new JsonStore(join(dataDir, `session-${mode}.json`), SessionSchema, () => ({
      pid: 0,
      startedAt: 0,
      failure: null,
    })),
    openConnections: () => openConnectionStore(dataDir),
    passwords: new PasswordStore(dataDir, openKeychain),
  };
}

/** Newest first, each file once. */
export function addRecent(recents: readonly Recent[], recent: Recent): Recent[] {
  const others = recents.filter((known) => known.path !== recent.path || known.kind !== recent.kind);
  return [recent, ...others].slice(0, MAX_RECENTS);
}

/** Marks this process as running; answers why the one before did not end well, or null. */
export async function beginSession(state: AppState, now: number = Date.now()): Promise<ErrorData | null> {
  const { value: previous } = await state.session.load();
  const failure =
    previous.failure ?? (previous.pid !== 0 && !isAlive(previous.pid) ? unexpectedEnd(previous.startedAt) : null);
  await state.session.update(() => ({ pid: process.pid, startedAt: now, failure: null })).catch(() => undefined);
  return failure;
}

/** Told to the user at the next start, even if this run ends cleanly. */
export async function recordFailure(state: AppState, failure: ErrorData): Promise<void> {
  await state.session.update((session) => ({ ...session, failure }));
}

export async function endSession(state: AppState): Promise<void> {
  await state.session.update((session) => ({ ...session, pid: 0 }));
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function unexpectedEnd(startedAt: number): ErrorData {
  return {
    code: 'E_INTERNAL',
    message: 'Tributary did not end cleanly last time.',
    hint: 'Unsaved work, if any, is offered below. If it happens again, copy the details and report it.',
    details: `started ${new Date(startedAt).toISOString()}`,
  };
}
