import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

const CHUNK = 1_000_000;

/** A new file that is written in large pieces, and on disk when it is closed. */
export class ExportFile {
  readonly #file: number;
  #text = '';
  #bytes = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'wx', 0o600);
  }

  get bytes(): number {
    return this.#bytes;
  }

  text(part: string): void {
    this.#text += part;
    if (this.#text.length >= CHUNK) this.#flush();
  }

  write(bytes: Uint8Array): void {
    this.#flush();
    this.#put(bytes);
  }

  close(): void {
    this.#flush();
    fsyncSync(this.#file);
    closeSync(this.#file);
  }

  #flush(): void {
    if (this.#text === '') return;
    this.#put(Buffer.from(this.#text, 'utf8'));
    this.#text = '';
  }

  #put(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength;) at += writeSync(this.#file, bytes, at);
    this.#bytes += bytes.byteLength;
  }
}
