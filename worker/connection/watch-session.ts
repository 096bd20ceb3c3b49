import type { Client } from 'pg';
import { EngineError } from '../../protocol/errors.ts';
import type { Address } from './address.ts';
import { internalsOf } from './pg-internals.ts';
import { probe } from './probe.ts';

/** Together below 2 s: noticed silence, then an unanswered probe. */
const TICK_MS = 300;
const PROBE_MS = 1_200;
/** After an answer: a server that is busy with a long statement is asked once a second. */
const CALM_TICKS = 4;

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
    if (!alive && isSilent()) stream.destroy(silence());
    calm = CALM_TICKS;
  };
  const timer = setInterval(() => void look(), TICK_MS).unref();
  stream.once('close', () => clearInterval(timer));
}

const silence = (): EngineError =>
  new EngineError('E_SERVER_LOST', 'The server no longer answers.', {
    hint: 'Check the network and the server, then try again: the connection is made anew by itself.',
  });
