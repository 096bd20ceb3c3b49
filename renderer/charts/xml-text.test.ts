import { describe, expect, it } from 'vitest';
import { getXmlText } from './xml-text.ts';

describe('getXmlText', () => {
  it('replaces what XML does not have', () => {
    expect(getXmlText('a\u0000b\u001fc\u007f\ud800\uffff')).toBe('a\ufffdb\ufffdc\ufffd\ufffd\ufffd');
  });
  it('keeps everything else', () => {
    const text = 'Überweisung\t"1" <2>\n\u{1f600}';
    expect(getXmlText(text)).toBe(text);
  });
});
