import { EngineError } from '../../../protocol/errors.ts';
import { HAS_TAGS, KIND, PAGE_ROWS, TAG, type Block } from '../result/page.ts';

/** Gathers the values of one column for a page, out of the text that the server writes them in. */
export abstract class WireColumn {
  /** So many were added since the last block. */
  protected rows = 0;
  #nulls = 0;
  readonly #tags = new Uint8Array(PAGE_ROWS);
  readonly #tag: number;

  constructor(tag: number) {
    this.#tag = tag;
  }

  /** The value whose text is `bytes` from `from` to `to`. */
  add(bytes: Buffer, from: number, to: number): void {
    this.#tags[this.rows] = this.#tag;
    this.put(bytes, from, to);
    this.rows++;
  }

  addNull(): void {
    this.#tags[this.rows] = TAG.null;
    this.#nulls++;
    this.putNull();
    this.rows++;
  }

  /** What was added, as it lies in a page; good until more is. */
  take(): Block {
    const [rows, nulls] = [this.rows, this.#nulls];
    const block = this.block();
    this.rows = 0;
    this.#nulls = 0;
    if (nulls === rows) return { kind: KIND.null, parts: [] };
    if (nulls === 0) return block;
    return { kind: block.kind + HAS_TAGS, parts: [this.#tags.subarray(0, rows), ...block.parts] };
  }

  protected abstract put(bytes: Buffer, from: number, to: number): void;
  protected abstract putNull(): void;
  protected abstract block(): Block;
}

export const unreadable = (): EngineError =>
  new EngineError('E_UNREADABLE', 'The server sends rows of another form than was asked for.', {
    hint: 'A program between here and the server may have changed them. Try without it.',
  });
