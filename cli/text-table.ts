/** Columns of text, numbers to the right, two spaces between. The first row is the header. */
export function formatTable(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(shorten));
  const [header = [], ...body] = rows;
  const widths = header.map((_, c) => Math.max(...rows.map((row) => width(row[c] ?? ''))));
  const numeric = header.map((_, c) => body.length > 0 && body.every((row) => /^(-?[\d.,]+%?)?$/.test(row[c] ?? '')));
  const line = (row: readonly string[]): string =>
    widths
      .map((w, c) => {
        const space = ' '.repeat(w - width(row[c] ?? ''));
        return numeric[c] === true ? space + (row[c] ?? '') : (row[c] ?? '') + space;
      })
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

/** `0.6039058587881823` → `0.604`: a table is for reading, CSV and JSON have every digit. */
const shorten = (cell: string): string => (/^-?\d+\.\d{4,}$/.test(cell) ? Number(cell).toFixed(3) : cell);

/** Code points; good enough for names that are not East Asian. */
const width = (text: string): number => Array.from(text).length;

/** Rows of RFC 4180 text, as the engine writes it. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (match[0] === '' && row.length === 0) break;
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
