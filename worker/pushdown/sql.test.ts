import { describe, expect, test } from 'vitest';
import { postgres } from './postgres.ts';
import { comment, join, name, render, renderInline, sql, text, verbatim, withCtes } from './sql.ts';
import { sqlite } from './sqlite.ts';

describe('statements', () => {
  const piece = sql`SELECT ${name('a"b')} FROM t WHERE x = ${text("it's")} AND y = ${text("it's")} AND z > ${-5}`;

  test('bind values, quote names and write whole numbers', () => {
    expect(render(piece, postgres)).toEqual({
      text: 'SELECT "a""b" FROM t WHERE x = $1::text AND y = $1::text AND z > (-5)',
      params: ["it's"],
    });
    expect(render(piece, sqlite)).toEqual({
      text: 'SELECT "a""b" FROM t WHERE x = ? AND y = ? AND z > (-5)',
      params: ["it's", "it's"],
    });
    expect(() => sql`${0.5}`).toThrow('not a whole number');
  });

  test('have a form with literals', () => {
    expect(renderInline(piece, postgres)).toContain("x = 'it''s'");
    expect(renderInline(sql`${text('a\0b')}`, sqlite)).toBe("CAST(x'610062' AS TEXT)");
  });

  test('are indented where they are put, names and texts apart', () => {
    const inner = sql`
      SELECT 1
      FROM ${name('two\nlines')}
      WHERE ${verbatim("x = 'a\nb'")}
    `;
    const outer = withCtes([{ name: 'part', comment: 'One\nline -- only', body: inner }], sql`SELECT * FROM part`);
    expect(renderInline(outer, postgres)).toBe(
      'WITH\n-- One line -- only\npart AS (\n  SELECT 1\n  FROM "two\nlines"\n  WHERE x = \'a\nb\'\n)\nSELECT * FROM part',
    );
  });

  test('keep comments to one line, whatever is in them', () => {
    for (const hostile of ['a\nDROP', 'a\r\nDROP', 'a\u2028DROP', 'a\0DROP', 'a\u0085DROP'])
      expect(renderInline(join([comment(hostile), sql`SELECT 1`], '\n'), sqlite)).toBe('-- a DROP\nSELECT 1');
  });
});
