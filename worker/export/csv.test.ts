import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { formatActorCsv, formatCsv } from './csv.ts';

describe('formatCsv', () => {
  const raw = { spreadsheetSafe: false };
  const safe = { spreadsheetSafe: true };

  it('quotes by RFC 4180 and ends lines with CRLF', () => {
    expect(formatCsv([['a,b', 'say "hi"', 'two\nlines', null, 1.5]], raw)).toBe(
      '"a,b","say ""hi""","two\nlines",,1.5\r\n',
    );
  });

  it('guards text that a spreadsheet would run or change, and leaves numbers alone', () => {
    const cells = ['=1+1', '+1', '-1', '@x', '\tx', '\rx', '007', '12345678901234567', 'plain', -5, 0.5];
    const [row] = parse(formatCsv([cells], safe)) as string[][];
    expect(row).toEqual([
      "'=1+1",
      "'+1",
      "'-1",
      "'@x",
      "'\tx",
      "'\rx",
      "'007",
      "'12345678901234567",
      'plain',
      '-5',
      '0.5',
    ]);
  });

  it('raw mode gives back every byte', () => {
    const cells = ['=1+1', ' x ', 'é😀', '"', '', '007', 'a\r\nb', "'"];
    expect(parse(formatCsv([cells], raw))).toEqual([cells]);
  });
});

describe('formatActorCsv', () => {
  it('adds level and step times for funnels', () => {
    const row = { actor: '=u1', firstTime: 0, lastTime: 1000, events: 2, level: 1, stepTimes: [0, null] };
    expect(formatActorCsv([row], { steps: 2, header: true, spreadsheetSafe: true })).toBe(
      "actor,first_time,last_time,events,level,step_1_time,step_2_time\r\n'=u1,1970-01-01T00:00:00.000Z,1970-01-01T00:00:01.000Z,2,1,1970-01-01T00:00:00.000Z,\r\n",
    );
  });
});
