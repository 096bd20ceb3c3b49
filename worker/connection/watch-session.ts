import type { Client } from 'pg';
import { EngineError } from '../../protocol/errors.ts';
import type { Address } from './address.ts';
import type { Lookout } from './lookout.ts';
import { internalsOf } from './pg-internals.ts';
import { probe } from './probe.ts';
import { isReadBehind } from './session-registry.ts';
import type { Backend } from './session-settings.ts';
import { noteSilent } from './silent-hosts.ts';

/**
 * At most 1.5 s together, so that a busy machine tells it within 2 s: silence is noticed by the second tick after the last
 * byte or the last answer to a look, then a look goes unanswered.
 */
const TICK_MS = 250;
const LOOK_MS = 1_000;
/** After an answer a server that is busy with a long statement is left alone for a tick. */
const CALM_TICKS = 1;
/** A packet that was lost is sent again meanwhile: by so many looks running the server says that it has finished. */
const FINISHED_LOOKS = 3;

export interface Watched {
  readonly backend: Backend;
  readonly lookout: Lookout;
}

/**
 * Ends a session whose server is silent while it owes an answer, and does not answer a new connection either (stopped, or a
 * line that swallows everything), or says that it has nothing more to do for this session (a line that swallows this
 * session's bytes): TCP alone would wait for minutes. A long statement on a living server goes on. Call when the session
 * is ready.
 */
export function watchSession(client: Client, address: Address, { backend, lookout }: Watched): void {
  const { connection, processID } = internalsOf(client);
  const { stream } = connection;
  // Behind a pooler the process that works for us is not the one that answered. What we do not take now may wait there.
  const canAsk = (): boolean => backend.pid === processID && !stream.isPaused() && !isReadBehind(client);
  let answered = stream.bytesWritten;
  let read = stream.bytesRead;
  let calm = 0;
  let looks = 0;
  let finished = 0;
  connection.on('readyForQuery', () => (answered = stream.bytesWritten));
  const isSilent = (): boolean => stream.bytesWritten !== answered && stream.bytesRead === read;
  const rest = (): void => {
    looks = 0;
    finished = 0;
    lookout.leave();
  };
  const isLost = async (): Promise<boolean> => {
    const began = performance.now();
    // Most statements are short: nobody logs in for them.
    const said = looks++ > 0 && canAsk() ? await lookout.ask(backend) : 'unknown';
    finished = said === 'finished' && canAsk() ? finished + 1 : 0;
    if (said !== 'unknown') return finished >= FINISHED_LOOKS;
    if (await probe(address, LOOK_MS - (performance.now() - began))) return false;
    noteSilent(address);
    return true;
  };
  const look = async (): Promise<void> => {
    const silent = isSilent();
    read = stream.bytesRead;
    if (!silent) return rest();
    if (calm-- > 0) return;
    calm = Number.POSITIVE_INFINITY;
    if ((await isLost()) && isSilent()) stream.destroy(silence());
    calm = finished > 0 ? 0 : CALM_TICKS;
  };
  const timer = setInterval(() => void look(), TICK_MS).unref();
  stream.once('close', () => {
    clearInterval(timer);
    lookout.leave();
  });
}

const silence = (): EngineError =>
  new EngineError('E_SERVER_LOST', 'The server no longer answers.', {
    hint: 'Check the network and the server, then try again: the connection is made anew by itself.',
  });
