const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
};

/** Bytes of `1GB`, `512 MiB`, `800000000`; null = it is no size. */
export function parseByteSize(text: string): number | null {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?(|[kmg]i?)b?$/i.exec(text.trim()) ?? [];
  return number === undefined ? null : Math.floor(Number(number) * (UNITS[unit.toLowerCase()] ?? 1));
}
