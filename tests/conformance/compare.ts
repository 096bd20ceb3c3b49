/** Differences between what a source published and what we answered, as sentences; none = agreed. */
export type Differences = readonly string[];
/** JSON of any shape. */
export type Json = unknown;

export const asRecord = (value: Json): Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, Json>) : {};
export const asList = (value: Json): readonly Json[] => (Array.isArray(value) ? value : []);

/** Half a unit of the last decimal that was published (thirds are published with all their digits). */
export function getTolerance(expected: number): number {
  const decimals = /\.(\d+)$/.exec(String(expected))?.[1]?.length ?? 0;
  return Math.max(0.5 * 10 ** -decimals, 1e-9 * Math.abs(expected)) * 1.000_001;
}

export function isSameNumber(got: Json, expected: number): boolean {
  if (typeof got !== 'number') return false;
  const isWhole = Number.isInteger(expected);
  return isWhole ? Math.abs(got - expected) < 1e-6 : Math.abs(got - expected) <= getTolerance(expected);
}

/** Every key of `expected` must be in `got`; keys that were not published are not asked for. Lists must be as long. */
export function compareJson(at: string, expected: Json, got: Json): Differences {
  if (Array.isArray(expected)) {
    const list = asList(got);
    if (list.length !== expected.length) return [describe(at, expected, got)];
    return expected.flatMap((element, i) => compareJson(`${at}[${i}]`, element, list[i]));
  }
  if (typeof expected === 'object' && expected !== null) {
    const record = asRecord(got);
    return Object.entries(expected).flatMap(([key, value]) => compareJson(`${at}.${key}`, value, record[key]));
  }
  const same = typeof expected === 'number' ? isSameNumber(got, expected) : expected === got;
  return same ? [] : [describe(at, expected, got)];
}

/** Same elements in any order. */
export function compareSets(at: string, expected: readonly Json[], got: readonly Json[]): Differences {
  const sorted = (list: readonly Json[]): string => JSON.stringify(list.map((x) => JSON.stringify(x)).toSorted());
  return sorted(expected) === sorted(got) ? [] : [describe(at, expected, got)];
}

/** Seconds are published with three decimals, of which zeros are not written. */
export function compareRounded(at: string, expected: Json, got: Json): Differences {
  if (expected === undefined) return [];
  if (expected === null) return got === undefined || got === null ? [] : [describe(at, expected, got)];
  const same = typeof got === 'number' && Math.abs(got - Number(expected)) <= 0.000_501;
  return same ? [] : [describe(at, expected, got)];
}

export function describe(at: string, expected: Json, got: Json): string {
  return `${at}: expected ${shorten(expected)}, got ${shorten(got)}`;
}

function shorten(value: Json): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
