import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MetadataReader } from './read-metadata.ts';

function read(text: string, ...keys: string[]): readonly (string | null)[] | false {
  const reader = new MetadataReader(keys);
  return reader.read(text) ? [...reader.values] : false;
}

test('picks keys as text', () => {
  expect(
    read('{"user_id":"u1","paid":true,"n":1.50,"big":12345678901234567890}', 'user_id', 'paid', 'n', 'big', 'gone'),
  ).toEqual(['u1', 'true', '1.5', '12345678901234567890', null]);
  expect(read('{"a": "x", "b": null, "c": -0.5e2}', 'a', 'b', 'c')).toEqual(['x', null, '-50']);
  expect(read('{}', 'a')).toEqual([null]);
});

test('what the fast pass leaves to JSON.parse', () => {
  expect(read('{"old":{"user_id":"u9"},"user_id":"u1"}', 'user_id', 'old')).toEqual(['u1', '{"user_id":"u9"}']);
  expect(
    read(String.raw`{"user\u005fid":"say \"hi\" {","n":12345678901234567890,"l":[1]}`, 'user_id', 'n', 'l'),
  ).toEqual(['say "hi" {', '12345678901234567890', '[1]']);
  expect(read('{"l":[12345678901234567890]}', 'l')).toEqual(['[12345678901234567890]']);
  expect(read(' { "a" :1 } ', 'a')).toEqual(['1']);
  expect(read('{"a":"1","a":"2"}', 'a')).toEqual(['2']);
});

test.each([
  '',
  'null',
  '[]',
  '"x"',
  '{',
  '{"a":1',
  '{"a":01}',
  '{"a":1,}',
  '{"a":.5}',
  '{"a":tru}',
  '{"a":1}x',
  "{'a':1}",
  '{"a" "b"}',
  '{"a":"x}',
])('%s is no object', (text) => expect(read(text, 'a')).toBe(false));

test('marks null values and text beyond ASCII, and forgets them with the next text', () => {
  const reader = new MetadataReader(['a']);
  reader.read('{"b":null,"c":"zoë"}');
  expect([reader.hasNull, reader.nonAscii]).toEqual([true, true]);
  reader.read('{"b":{"deep":null},"c":"ok"}');
  expect([reader.hasNull, reader.nonAscii]).toEqual([false, false]);
});

test('any object reads as JSON.parse reads it', () => {
  const seed = 41;
  const text = (v: unknown): string | null => (v === null ? null : typeof v === 'string' ? v : JSON.stringify(v));
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary', maxLength: 6 }), fc.jsonValue({ maxDepth: 1 }), {
        maxKeys: 5,
        noNullPrototype: true,
      }),
      fc.constantFrom(undefined, 1),
      (object, space) => {
        const keys = Object.keys(object);
        const json = JSON.stringify(object, null, space);
        const parsed = JSON.parse(json) as Record<string, unknown>;
        expect(read(json, ...keys)).toEqual(keys.map((key) => text(parsed[key] ?? null)));
      },
    ),
    { seed, numRuns: 500 },
  );
});
