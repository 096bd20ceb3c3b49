import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import type { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import type { Truncation } from '../../../protocol/query-result.ts';
import { RowStream } from './row-stream.ts';

const MAX = 2_000_000;

/** A socket and a driver, as far as a statement of one's own sees them. */
class FakeConnection extends EventEmitter {
  readonly stream = Object.assign(new EventEmitter(), { destroyed: false, cork: () => {}, uncork: () => {} });
  readonly sent: string[] = [];
  parse = ({ text }: { readonly text: string }) => void this.sent.push(`parse ${text}`);
  bind = ({ values }: { readonly values: readonly unknown[] }) => void this.sent.push(`bind ${values.join()}`);
  describe = () => void this.sent.push('describe');
  execute = () => void this.sent.push('execute');
  sync = () => void this.sent.push('sync');
}
const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeUInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
};
const [READY, TOLD] = [message('Z', Buffer.from('T')), message('T', Buffer.from('columns'))];

/** Runs a statement whose server sends `chunks`; the driver ends it when it has seen `READY`. */
async function receive(chunks: readonly Buffer[], take: (row: string) => Truncation | null, cancel = () => {}) {
  const connection = new FakeConnection();
  const driver: Buffer[] = [];
  const rows = new RowStream('SELECT 1', ['a', null], MAX, () => ({ bytes, from, to }) => {
    return take(bytes.toString('latin1', from, to));
  });
  connection.stream.on('data', (chunk: Buffer) => {
    const seen = driver.reduce((sum, { length }) => sum + length, 0);
    driver.push(chunk);
    // The description of the columns is always first.
    if (seen < TOLD.length && seen + chunk.length >= TOLD.length) rows.handleRowDescription({ fields: [] });
    if (Buffer.concat(driver).subarray(-READY.length).equals(READY)) connection.emit('readyForQuery');
  });
  const client = { query: (statement: RowStream) => statement.submit(connection as never) } as unknown as Client;
  const answer = rows.run(client, () => Promise.resolve(cancel()));
  answer.catch(() => undefined);
  for (const chunk of chunks) connection.stream.emit('data', chunk);
  return { answer, connection, driver: () => Buffer.concat(driver), rows };
}

const part = fc.oneof(
  fc.record({ type: fc.constant('D'), body: fc.uint8Array({ minLength: 2, maxLength: 40 }) }),
  fc.record({ type: fc.constant('D'), body: fc.constant(new Uint8Array(1_200_000).fill(65)) }),
  fc.record({ type: fc.constantFrom('N', 'S', 'C', 'E', 'A'), body: fc.uint8Array({ maxLength: 40 }) }),
);

describe('rows straight from the socket', () => {
  test('all of them, and all else to the driver, wherever the bytes are cut (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 30 }), fc.infiniteStream(fc.nat()), async (parts, cuts) => {
        const sent = parts.map(({ type, body }) => ({ type, body: Buffer.from(body) }));
        let rest = Buffer.concat([TOLD, ...sent.map(({ type, body }) => message(type, body)), READY]);
        const chunks: Buffer[] = [];
        while (rest.length > 0) {
          const dice = cuts.next().value ?? 0;
          const size = 1 + (dice % (dice % 3 === 0 ? 7 : dice % 3 === 1 ? 90 : 700_000));
          chunks.push(rest.subarray(0, size));
          rest = rest.subarray(size);
        }
        const taken: string[] = [];
        const { answer, connection, driver } = await receive(chunks, (row) => (taken.push(row), null));
        expect(await answer).toBe(null);
        expect(connection.sent).toEqual(['parse SELECT 1', 'bind a,', 'describe', 'execute', 'sync']);
        const bodies = sent.filter(({ type }) => type === 'D').map(({ body }) => body.toString('latin1'));
        expect(taken.length).toBe(bodies.length);
        expect(taken.every((row, at) => row === bodies[at])).toBe(true);
        const others = sent.filter(({ type }) => type !== 'D').map(({ type, body }) => message(type, body));
        expect(driver().equals(Buffer.concat([TOLD, ...others, READY]))).toBe(true);
        // The driver has its socket back.
        expect(connection.stream.listenerCount('data')).toBe(1);
      }),
      { numRuns: 200, verbose: 1 },
    );
  });

  const row = message('D', Buffer.from([0, 0]));
  test('a row that is too large goes to the driver, whose guard refuses it', async () => {
    const head = Buffer.from([0x44, 0x7f, 0xff, 0xff, 0xff]);
    const { driver } = await receive([Buffer.concat([TOLD, row, head])], () => null);
    expect(driver()).toEqual(Buffer.concat([TOLD, head]));
  });

  test('a limit that is reached: rows are passed over, the server is told to stop, and its error is none', async () => {
    let cancels = 0;
    let taken = 0;
    const chunk = Buffer.concat([TOLD, row, row, row]);
    const { answer, connection, rows } = await receive(
      [chunk],
      () => (++taken === 2 ? 'rows' : null),
      () => {
        cancels++;
        connection.stream.emit('data', Buffer.concat([row, row]));
        rows.handleError(new Error('canceling statement'));
        connection.emit('readyForQuery');
      },
    );
    expect(await answer).toBe('rows');
    expect([taken, cancels]).toEqual([2, 1]);
  });

  test('a server that is done by then is not told to stop', async () => {
    let cancels = 0;
    const { answer } = await receive(
      [Buffer.concat([TOLD, row, row, READY])],
      () => 'bytes',
      () => void cancels++,
    );
    expect(await answer).toBe('bytes');
    expect(cancels).toBe(0);
  });

  test('what the taker, the server or the line has to say comes out', async () => {
    const full = new Error('disk full');
    const thrown = await receive([Buffer.concat([TOLD, row, READY])], () => {
      throw full;
    });
    await expect(thrown.answer).rejects.toBe(full);
    const failed = await receive([TOLD], () => null);
    failed.rows.handleError(new Error('division by zero'));
    failed.connection.emit('readyForQuery');
    await expect(failed.answer).rejects.toThrow('division by zero');
    const lost = await receive([TOLD], () => null);
    lost.connection.stream.emit('close');
    await expect(lost.answer).rejects.toThrow('Connection terminated');
  });
});
