import { describe, expect, test } from 'vitest';
import { getParameters, splitStatements, statementAt } from './statements.ts';
import { nameOf, stringOf, tokenize, type Dialect } from './token.ts';

const read = (text: string, dialect: Dialect = 'sqlite'): readonly string[] =>
  tokenize(text, dialect).map((t) => `${t.kind}:${t.text}`);

describe('tokens', () => {
  test.each<[string, Dialect, readonly string[]]>([
    ["select 'it''s'", 'sqlite', ['word:select', "string:'it''s'"]],
    ['"a""b" `c` [d e]', 'sqlite', ['quoted:"a""b"', 'quoted:`c`', 'quoted:[d e]']],
    ['a[1]', 'postgres', ['word:a', 'punct:[', 'number:1', 'punct:]']],
    ['$q$ ; $q$ $$x$$', 'postgres', ['string:$q$ ; $q$', 'string:$$x$$']],
    ["E'a\\'b' 1", 'postgres', ["string:E'a\\'b'", 'number:1']],
    ['/* a /* b */ c */ 1', 'postgres', ['comment:/* a /* b */ c */', 'number:1']],
    ['/* a /* b */ 1', 'sqlite', ['comment:/* a /* b */', 'number:1']],
    ['x::int = :from', 'postgres', ['word:x', 'op:::', 'word:int', 'op:=', 'param::from']],
    ["m ->> 'k' || ?1", 'sqlite', ['word:m', 'op:->>', "string:'k'", 'op:||', 'param:?1']],
    ["m ? 'k' and m @> n", 'postgres', ['word:m', 'op:?', "string:'k'", 'word:and', 'word:m', 'op:@>', 'word:n']],
    ['1.5e-3 .5 0xFF 1_000', 'sqlite', ['number:1.5e-3', 'number:.5', 'number:0xFF', 'number:1_000']],
    ['größe 表 _x1', 'postgres', ['word:größe', 'word:表', 'word:_x1']],
    ['a -- b\nc', 'sqlite', ['word:a', 'comment:-- b', 'word:c']],
  ])('%s (%s)', (text, dialect, tokens) => expect(read(text, dialect)).toEqual(tokens));

  test('what has no end yet is marked, and never loops', () => {
    for (const text of ["'abc", '"abc', '/* abc', '[abc', '$$abc', '$x$ y', "E'a\\", '::', '\\', '\u{1F600}', '.'])
      for (const dialect of ['sqlite', 'postgres'] as const) {
        const tokens = tokenize(text, dialect);
        expect(tokens.at(-1)?.end).toBe(text.length);
      }
    expect(tokenize("'abc", 'sqlite')[0]?.open).toBe(true);
  });
  test('offsets cover the text but for white space', () => {
    const text = 'WITH a AS (SELECT \'x;\' AS "y") -- end\nSELECT a.* FROM a;';
    const tokens = tokenize(text, 'sqlite');
    expect(tokens.map((t) => text.slice(t.start, t.end)).join('')).toBe(text.replaceAll(/\s(?!end)/g, ''));
  });
  test('names and strings mean what is inside their quotes', () => {
    const [a, b, c] = tokenize('"A""b" [c] Dd', 'sqlite');
    expect([a, b, c].map((t) => t && nameOf(t, 'sqlite'))).toEqual(['A"b', 'c', 'Dd']);
    expect(tokenize('Dd', 'postgres').map((t) => nameOf(t, 'postgres'))).toEqual(['dd']);
    expect(tokenize("$t$a'b$t$ 'a''b'", 'postgres').map(stringOf)).toEqual(["a'b", "a'b"]);
  });
});

describe('statements', () => {
  const text = "SELECT ';'; -- nothing\n\n;\nSELECT 2 /* ; */;\nSELECT 3";
  const statements = splitStatements(text, 'sqlite');
  test('end at semicolons that are not quoted', () =>
    expect(statements.map((s) => text.slice(s.start, s.end))).toEqual(["SELECT ';'", 'SELECT 2 /* ; */', 'SELECT 3']));
  test('are found by the cursor: inside, just behind, on an empty line below', () => {
    const at = (offset: number): string => {
      const s = statementAt(statements, offset);
      return s === null ? '' : text.slice(s.start, s.end);
    };
    expect(at(0)).toBe("SELECT ';'");
    expect(at(11)).toBe("SELECT ';'");
    expect(at(text.indexOf('2'))).toBe('SELECT 2 /* ; */');
    expect(at(text.length)).toBe('SELECT 3');
  });
  test('parameters are named once, casts and strings are none', () =>
    expect(getParameters("SELECT :a, :b::int, ':c', x::text, :a -- :d", 'postgres')).toEqual(['a', 'b']));
});
