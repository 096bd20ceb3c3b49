import type { Client } from 'pg';
import { EngineError } from '../../protocol/errors.ts';
import type { Address } from './address.ts';
import { internalsOf } from './pg-internals.ts';
import { probe } from './probe.ts';
import { noteSilent } from './silent-hosts.ts';

/**
 * At most 1.5 s together, so that a busy machine tells it within 2 s: silence is noticed by the second tick after the last
 * byte or the last answered probe, then a probe goes unanswered.
 */
const TICK_MS = 250;
const PROBE_MS = 1_000;
/** After an answer a server that is busy with a long statement is left alone for a tick. */
const CALM_TICKS = 1;

/**
 * Ends a session whose server is silent while it owes an answer and does not answer a new connection either (stopped, or
 * a line that swallows everything): TCP alone would wait for minutes. A long statement on a living server goes on. Call
 * when the session is ready.
 */
export function watchSession(client: Client, address: Address): void {
  const { connection } = internalsOf(client);
  const { stream } = connection;
  let answered = stream.bytesWritten;
  let read = stream.bytesRead;
  let calm = 0;
  connection.on('readyForQuery', () => (answered = stream.bytesWritten));
  const isSilent = (): boolean => stream.bytesWritten !== answered && stream.bytesRead === read;
  const look = async (): Promise<void> => {
    const silent = isSilent();
    read = stream.bytesRead;
    if (!silent || calm-- > 0) return;
    calm = Number.POSITIVE_INFINITY;
    const alive = await probe(address, PROBE_MS);
    if (!alive && isSilent()) {
      noteSilent(address);
      stream.destroy(silence());
    }
    calm = CALM_TICKS;
  };
  const timer = setInterval(() => void look(), TICK_MS).unref();
  stream.once('close', () => clearInterval(timer));
}

const silence = (): EngineError =>
  new EngineError('E_SERVER_LOST', 'The server no longer answers.', {
    hint: 'Check the network and the server, then try again: the connection is made anew by itself.',
  });
