import { existsSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createScanOrderFile, readScanRows, removeScanOrder, writeScanRows } from './scan-order-file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tributary-scan-order-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const codeOf = (work: () => unknown): unknown => {
  try {
    work();
    return null;
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
};

describe('a scan order in a file', () => {
  it('reads back what was written in pieces, in any order', () => {
    const order = createScanOrderFile(path.join(folder, 'new'), 7);
    writeScanRows(order, (keep) => keep(4, Uint32Array.of(40, 50, 4_294_967_295)));
    writeScanRows(order, (keep) => keep(0, new Uint32Array([9, 9, 0, 10, 20, 30]).subarray(2)));
    expect([...readScanRows(order, 0, 7)]).toEqual([0, 10, 20, 30, 40, 50, 4_294_967_295]);
    expect([...readScanRows(order, 2, 5)]).toEqual([20, 30, 40]);
    expect([...readScanRows(order, 3, 3)]).toEqual([]);
    // As part of a larger file of the store.
    expect([...readScanRows({ ...order, at: 8 }, 0, 2)]).toEqual([20, 30]);
    removeScanOrder(order);
    expect(existsSync(order.path)).toBe(false);
  });

  it('reads from memory alike', () => {
    const order = { kind: 'memory', rows: Uint32Array.of(3, 1, 2) } as const;
    expect([...readScanRows(order, 1, 3)]).toEqual([1, 2]);
    removeScanOrder(order);
  });

  it('says when it is gone, cut or cannot be made', () => {
    const order = createScanOrderFile(folder, 4);
    writeScanRows(order, (keep) => keep(0, Uint32Array.of(1, 2, 3, 4)));
    truncateSync(order.path, 8);
    expect(codeOf(() => readScanRows(order, 0, 4))).toBe('E_UNREADABLE');
    removeScanOrder(order);
    expect(codeOf(() => readScanRows(order, 0, 4))).toBe('E_UNREADABLE');
    expect(codeOf(() => createScanOrderFile(path.join(order.path, '\0'), 1))).not.toBeNull();
  });
});
