/** By code units, the same everywhere: the order of names in every answer. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
