/** XML 1.0 has no control characters but tab and line ends, and no lone surrogates; a name of a file may have any. */
export const getXmlText = (text: string): string =>
  text.replaceAll(/[^\P{Cc}\t\n\r\u0080-\u009f]|[\p{Cs}\ufffe\uffff]/gu, '\ufffd');
