const MAX_KEYS = 500;

export interface JsonKey {
  readonly key: string;
  /** Its most frequent kind of value: string, number, boolean, object, array, null. */
  readonly type: string;
  /** Of the sampled objects, 0..1. */
  readonly share: number;
}

/** The keys of JSON objects among these values, most frequent first; none where fewer than half of the values are objects. */
export function summarizeKeys(values: readonly unknown[]): JsonKey[] {
  const objects = values.map(toObject).filter((object) => object !== null);
  if (objects.length === 0 || objects.length * 2 < values.filter((value) => value !== null).length) return [];
  const keys = new Map<string, Map<string, number>>();
  for (const object of objects)
    for (const [key, value] of Object.entries(object)) {
      const kinds = keys.get(key) ?? new Map<string, number>();
      if (keys.size < MAX_KEYS) keys.set(key, kinds);
      kinds.set(kindOf(value), (kinds.get(kindOf(value)) ?? 0) + 1);
    }
  return [...keys]
    .map(([key, kinds]) => {
      const counts = [...kinds].toSorted((a, b) => b[1] - a[1]);
      const count = counts.reduce((sum, [, n]) => sum + n, 0);
      return { key, type: counts[0]?.[0] ?? 'null', share: count / objects.length };
    })
    .toSorted((a, b) => b.share - a.share || (a.key < b.key ? -1 : 1));
}

function toObject(value: unknown): object | null {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) return value;
  if (typeof value !== 'string' || !/^\s*\{/.test(value)) return null;
  try {
    return JSON.parse(value) as object;
  } catch {
    return null;
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
