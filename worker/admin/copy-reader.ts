import type { Socket } from 'node:net';
import type { Client } from 'pg';
import type { ColumnKind } from './model-tables.ts';

export type CopyRow = (string | number | null)[];

/** What the driver gives a statement of one's own. */
interface WireConnection {
  readonly stream: Socket;
  query(sql: string): void;
}

/** Rows given on at once, and rows that may wait before the server has to. */
const ROWS = 1_000;
const MOST_WAITING = 20;
const SIGNATURE = 11;

/**
 * Rows of `sql` by COPY in binary, many at a time; text is text, integers and times must be bigint. Left before its end,
 * the session is of no more use and has to be closed. Throws what the server or the driver says.
 */
export async function* copyRows(
  client: Client,
  sql: string,
  kinds: readonly ColumnKind[],
): AsyncGenerator<readonly CopyRow[]> {
  const copy = new CopyOut(`COPY (${sql}) TO STDOUT (FORMAT binary)`, kinds);
  (client as unknown as { query(statement: CopyOut): void }).query(copy);
  for (let batch = await copy.next(); batch !== null; batch = await copy.next()) yield batch;
}

/** A statement as the driver runs them. It decodes rows at once: the driver uses their memory again. */
class CopyOut {
  readonly #sql: string;
  readonly #kinds: readonly ColumnKind[];
  #stream: Socket | null = null;
  #rows: CopyRow[] = [];
  readonly #waiting: (readonly CopyRow[])[] = [];
  #begun = false;
  #ended = false;
  #failure: unknown = null;
  #wake: () => void = () => undefined;

  constructor(sql: string, kinds: readonly ColumnKind[]) {
    this.#sql = sql;
    this.#kinds = kinds;
  }

  async next(): Promise<readonly CopyRow[] | null> {
    for (;;) {
      const batch = this.#waiting.shift();
      if (batch !== undefined) {
        if (this.#stream?.isPaused() === true) this.#stream.resume();
        return batch;
      }
      if (this.#failure !== null) throw this.#failure;
      if (this.#ended) return null;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  submit(connection: WireConnection): void {
    this.#stream = connection.stream;
    connection.query(this.#sql);
  }

  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    let at = this.#begun ? 0 : SIGNATURE + 8 + chunk.readInt32BE(SIGNATURE + 4);
    this.#begun = true;
    while (at < chunk.length && chunk.readInt16BE(at) >= 0) at = this.#read(chunk, at);
    if (this.#rows.length >= ROWS) this.#pass();
    if (this.#waiting.length >= MOST_WAITING) this.#stream?.pause();
  }

  #read(bytes: Buffer, start: number): number {
    let at = start + 2;
    const row = this.#kinds.map((kind) => {
      const length = bytes.readInt32BE(at);
      const from = at + 4;
      at = from + Math.max(0, length);
      if (length < 0) return null;
      return kind === 'text'
        ? bytes.toString('utf8', from, at)
        : bytes.readInt32BE(from) * 4_294_967_296 + bytes.readUInt32BE(from + 4);
    });
    this.#rows.push(row);
    return at;
  }

  #pass(): void {
    this.#waiting.push(this.#rows);
    this.#rows = [];
    this.#wake();
  }

  handleError(error: unknown): void {
    this.#failure = error;
    this.#wake();
  }

  handleReadyForQuery(): void {
    this.#ended = true;
    this.#pass();
  }

  handleCommandComplete(): void {
    // `handleReadyForQuery` follows.
  }
  handleRowDescription(): void {
    // Not of a COPY.
  }
  handleDataRow(): void {
    // Not of a COPY.
  }
  handleEmptyQuery(): void {
    // Not of a COPY.
  }
}
