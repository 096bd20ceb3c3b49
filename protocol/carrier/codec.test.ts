import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode } from './codec.ts';

const roundTrip = (value: unknown): unknown => decode(encode(value).buffer);

describe('codec', () => {
  test.each([
    ['null', null],
    ['undefined', undefined],
    ['numbers that JSON lacks', [Number.NaN, Infinity, -Infinity, -0]],
    ['bigint', 2n ** 70n],
    ['dollar keys', { $: 1, $$: 2, $$$: { $: 'number', text: '3' }, a$: 4 }],
    ['nested undefined', { a: undefined, b: [undefined] }],
    ['text', { 'käse\u0000\u2028': '🙂' }],
  ])('keeps %s', (_name, value) => {
    expect(roundTrip(value)).toStrictEqual(value);
  });

  test('keeps typed arrays, aligned for any mix of lengths', () => {
    const value = {
      odd: new Uint8Array([1, 2, 3]),
      doubles: new Float64Array([1.5, Number.NaN]),
      longs: new BigInt64Array([-1n]),
      raw: new Uint8Array([9]).buffer,
    };
    expect(roundTrip(value)).toStrictEqual(value);
  });

  test('sends only the viewed part of a buffer', () => {
    const whole = new Float64Array([1, 2, 3, 4]);
    expect(roundTrip(whole.subarray(1, 3))).toStrictEqual(new Float64Array([2, 3]));
  });

  test('keeps any JSON-like value (property)', () => {
    fc.assert(
      fc.property(
        fc.object({
          withBigInt: true,
          withNullPrototype: false,
          withTypedArray: false,
          withDate: false,
          withMap: false,
          withSet: false,
        }),
        (value) => {
          expect(roundTrip(value)).toStrictEqual(value);
        },
      ),
    );
  });

  test('a __proto__ key stays data and pollutes nothing', () => {
    const hostile = JSON.parse(
      '{"__proto__":{"polluted":1},"a":{"constructor":{"prototype":{"polluted":2}}}}',
    ) as object;
    const back = roundTrip(hostile) as object;
    expect(Object.keys(back)).toEqual(['__proto__', 'a']);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test.each([
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a Map', new Map()],
    ['a Date', new Date(0)],
    ['an Error', new Error('x')],
    ['a DataView', new DataView(new ArrayBuffer(8))],
  ])('refuses %s', (_name, value) => {
    expect(() => encode({ value })).toThrow(TypeError);
  });

  test('refuses what is too deep or too large, in both directions', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 50; i++) deep = [deep];
    const small = { maxBytes: 1000, maxDepth: 20 };
    expect(() => encode(deep, small)).toThrow(/too deep/);
    expect(() => decode(encode(deep).buffer, small)).toThrow(/too deep/);
    expect(() => encode('x'.repeat(2000), small)).toThrow(/over the limit/);
    expect(() => decode(encode('x'.repeat(2000)).buffer, small)).toThrow(/over the limit/);
  });

  test('survives a nesting bomb of 200,000 levels', () => {
    const head = new TextEncoder().encode('['.repeat(200_000) + ']'.repeat(200_000));
    expect(() => decode(frame(head))).toThrow(/too deep|JSON/);
  });

  test.each([
    ['unknown tag', '{"$":"Function","at":0}'],
    ['inherited name as tag', '{"$":"constructor","at":0}'],
    ['missing attachment', '{"$":"Uint8Array","at":7}'],
    ['bigint that is no number', '{"$":"bigint","text":"1;"}'],
    ['no JSON', '{'],
  ])('refuses a malformed head: %s', (_name, head) => {
    expect(() => decode(frame(new TextEncoder().encode(head)))).toThrow(TypeError);
  });

  test('any cut or flipped byte throws or gives data, never anything else', () => {
    const bytes = encode({ a: [1, 'two', undefined], b: new Float64Array([1, 2]) });
    for (let length = 0; length < bytes.length; length++)
      expect(() => decode(bytes.slice(0, length).buffer)).toThrow(Error);
    const outcomes = new Set(Array.from(bytes, (byte, at) => outcomeOf(bytes.with(at, byte ^ 0xff).buffer)));
    expect([...outcomes].sort()).toEqual(['RangeError', 'TypeError', 'data']);
  });
});

function outcomeOf(frameBytes: ArrayBuffer): string {
  try {
    decode(frameBytes);
    return 'data';
  } catch (error) {
    return (error as Error).name;
  }
}

/** A frame without attachments around a head. */
function frame(head: Uint8Array): ArrayBuffer {
  const bytes = new Uint8Array(8 + head.length);
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, 8);
  return bytes.buffer;
}
