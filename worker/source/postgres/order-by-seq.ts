import { EngineError } from '../../../protocol/errors.ts';

const BITS = 11;
const BUCKETS = 1 << BITS;
/** Up to so many numbers a row they have a table with a place for each: one write a row instead of several passes. */
const DENSE = 4;

/** Which row comes at each place when rows are put in order of their arrival numbers (whole ones). Throws E_BAD_MAPPING where two are equal. */
export function orderBySeq(seqs: Float64Array): Uint32Array {
  let least = Infinity;
  let most = -Infinity;
  for (let row = 0; row < seqs.length; row++) {
    const seq = seqs[row] ?? 0;
    if (seq < least) least = seq;
    if (seq > most) most = seq;
  }
  return seqs.length > 0 && most - least < DENSE * seqs.length
    ? orderDense(seqs, least, most)
    : orderByDigits(seqs, least, most);
}

function orderDense(seqs: Float64Array, least: number, most: number): Uint32Array {
  const rowAt = new Uint32Array(most - least + 1);
  for (let row = 0; row < seqs.length; row++) {
    const at = (seqs[row] ?? 0) - least;
    if (rowAt[at] !== 0) throw twice(least + at);
    rowAt[at] = row + 1;
  }
  const order = new Uint32Array(seqs.length);
  let place = 0;
  for (let at = 0; at < rowAt.length; at++) {
    const row = rowAt[at] ?? 0;
    if (row !== 0) order[place++] = row - 1;
  }
  return order;
}

function orderByDigits(seqs: Float64Array, least: number, most: number): Uint32Array {
  let order = new Uint32Array(seqs.length);
  for (let row = 0; row < order.length; row++) order[row] = row;
  let next = new Uint32Array(seqs.length);
  for (let unit = 1; unit <= most - least; unit *= BUCKETS) {
    const digitOf = (row: number): number => Math.floor(((seqs[row] ?? 0) - least) / unit) % BUCKETS;
    const starts = new Uint32Array(BUCKETS + 1);
    for (const row of order) starts[digitOf(row) + 1] = (starts[digitOf(row) + 1] ?? 0) + 1;
    for (let i = 1; i <= BUCKETS; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
    for (const row of order) {
      const digit = digitOf(row);
      const at = starts[digit] ?? 0;
      next[at] = row;
      starts[digit] = at + 1;
    }
    [order, next] = [next, order];
  }
  for (let place = 1; place < order.length; place++) {
    const seq = seqs[order[place] ?? 0] ?? 0;
    if (seq === seqs[order[place - 1] ?? 0]) throw twice(seq);
  }
  return order;
}

/** As where each of several servers counts by itself. */
const twice = (seq: number): EngineError =>
  new EngineError('E_BAD_MAPPING', `Two rows have the arrival number ${seq}.`, {
    hint: 'Numbers must be one order for all partitions, on all servers: let one sequence, or the writer, give them.',
    path: 'mapping',
  });
