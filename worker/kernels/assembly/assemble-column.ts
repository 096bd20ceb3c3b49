/**
 * A property scanned later, brought to the order of a segment's events.
 *
 *   chunk, local codes   0 1 2 0      0 = not set
 *   `translate`          0 4 1 0      codes of the merged dictionary, rows in the order of the scan
 *   `gather`             column[e] = scanned[scanRows[e]]
 *
 * What is read here and there is as narrow as the column, 1, 2 or 4 bytes a code: more of it stays in the cache.
 */

/** `codes[c - 1]` = merged code of local code c, both from 0. */
export function translate(local: usize, rows: u32, codes: usize, scanned: usize, codeBytes: u32): void {
  for (let i: usize = 0; i < <usize>rows; i++) {
    const from = load<u32>(local + (i << 2));
    const code = from == 0 ? 0 : load<u32>(codes + ((<usize>(from - 1)) << 2)) + 1;
    if (codeBytes == 1) store<u8>(scanned + i, <u8>code);
    else if (codeBytes == 2) store<u16>(scanned + (i << 1), <u16>code);
    else store<u32>(scanned + (i << 2), code);
  }
}

export function gather(scanned: usize, scanRows: usize, rows: u32, column: usize, codeBytes: u32): void {
  const count = <usize>rows;
  if (codeBytes == 1)
    for (let i: usize = 0; i < count; i++)
      store<u8>(column + i, load<u8>(scanned + <usize>load<u32>(scanRows + (i << 2))));
  else if (codeBytes == 2)
    for (let i: usize = 0; i < count; i++)
      store<u16>(column + (i << 1), load<u16>(scanned + ((<usize>load<u32>(scanRows + (i << 2))) << 1)));
  else
    for (let i: usize = 0; i < count; i++)
      store<u32>(column + (i << 2), load<u32>(scanned + ((<usize>load<u32>(scanRows + (i << 2))) << 2)));
}
