const BITS = 11;
const BUCKETS = 1 << BITS;

/** Which row comes at each place when rows are put in order of their arrival numbers (whole, different ones). */
export function orderBySeq(seqs: Float64Array): Uint32Array {
  let least = Infinity;
  let most = -Infinity;
  for (const seq of seqs) {
    if (seq < least) least = seq;
    if (seq > most) most = seq;
  }
  let order = Uint32Array.from(seqs, (_, i) => i);
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
  return order;
}
