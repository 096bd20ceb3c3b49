import { SyncSession, type SyncSessionOptions } from './sync-session.ts';

/** Of this thread, by where they lead and who asks: a thread does one thing at a time, whatever sources it has open. */
const sessions = new Map<string, SyncSession>();

/** A thread of its own for each: they stay, and their connections close when they are idle. */
export function getThreadSession(options: SyncSessionOptions): SyncSession {
  const key = JSON.stringify([options.target, options.password]);
  const known = sessions.get(key);
  if (known !== undefined && !known.isDead) return known;
  const session = new SyncSession(options);
  sessions.set(key, session);
  return session;
}
