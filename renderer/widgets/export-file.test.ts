import { describe, expect, it } from 'vitest';
import { getExportName, getSpanName, slug } from './export-file.ts';

describe('names of exported files', () => {
  it('say what and when, in local time', () => {
    const at = new Date(2026, 10, 22, 15, 30, 59);
    expect(getExportName('funnel signup to payment', 'csv', at)).toBe(
      'tributary-funnel-signup-to-payment-2026-11-22T1530.csv',
    );
  });
  it('keep letters of any script and lose what a file system trips over', () => {
    expect(slug('Größe: a/b\\c "d" ..\u0000 *?')).toBe('größe-a-b-c-d');
    expect(slug('支払い → 完了')).toBe('支払い-完了');
  });
  it('are never empty, never end in a dash and never too long', () => {
    expect(slug('///')).toBe('analysis');
    expect(slug(`${'a'.repeat(79)} b`)).toBe('a'.repeat(79));
  });
  it('name a span by its ends', () => {
    expect(getSpanName(['a', 'b', 'c'])).toBe('a to c');
    expect(getSpanName(['a'])).toBe('a');
    expect(getSpanName([])).toBe('');
  });
});
