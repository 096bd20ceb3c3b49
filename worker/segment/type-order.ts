/** Event types of all slices under common codes. */
export interface MergedTypes {
  /** By code, most frequent first, ties by name. */
  readonly names: readonly string[];
  /** By slice: code by local code. */
  readonly codes: readonly Uint32Array[];
}

export function orderByFrequency(
  slices: readonly { readonly names: readonly string[]; readonly counts: ArrayLike<number> }[],
): MergedTypes {
  const total = new Map<string, number>();
  for (const { names, counts } of slices)
    names.forEach((name, code) => total.set(name, (total.get(name) ?? 0) + (counts[code] ?? 0)));
  // Names that only dropped rows had are no types.
  const names = [...total.keys()]
    .filter((name) => (total.get(name) ?? 0) > 0)
    .toSorted((a, b) => (total.get(b) ?? 0) - (total.get(a) ?? 0) || (a < b ? -1 : 1));
  const codeOf = new Map(names.map((name, code) => [name, code]));
  return { names, codes: slices.map((slice) => Uint32Array.from(slice.names, (name) => codeOf.get(name) ?? 0)) };
}
