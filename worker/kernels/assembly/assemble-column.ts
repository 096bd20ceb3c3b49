/**
 * A property scanned later, brought to the order of a segment's events.
 *
 *   chunk, local codes   0 1 2 0      0 = not set
 *   `translate`          0 4 1 0      codes of the merged dictionary, rows in the order of the scan
 *   `gather`             column[e] = scanned[scanRows[e]]
 */

/** `codes[c - 1]` = merged code of local code c, both from 0. */
export function translate(local: usize, rows: u32, codes: usize, scanned: usize): void {
  for (let i: usize = 0; i < <usize>rows; i++) {
    const code = load<u32>(local + (i << 2));
    store<u32>(scanned + (i << 2), code == 0 ? 0 : load<u32>(codes + ((<usize>(code - 1)) << 2)) + 1);
  }
}

/** `column` has 1, 2 or 4 bytes a code. */
export function gather(scanned: usize, scanRows: usize, rows: u32, column: usize, codeBytes: u32): void {
  for (let i: usize = 0; i < <usize>rows; i++) {
    const code = load<u32>(scanned + ((<usize>load<u32>(scanRows + (i << 2))) << 2));
    if (codeBytes == 1) store<u8>(column + i, <u8>code);
    else if (codeBytes == 2) store<u16>(column + (i << 1), <u16>code);
    else store<u32>(column + (i << 2), code);
  }
}
