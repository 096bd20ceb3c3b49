import type { ResultColumn } from '../../../protocol/query-result.ts';
import type { Dialect } from '../../../protocol/query-schema.ts';
import type { Value } from '../result/page.ts';

/** A value as text, as the command-line tools of its engine write it: `1.0` of SQLite, `t` and `\x00ff` of Postgres. */
export function formatValue(value: Exclude<Value, null>, dialect: Dialect): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return dialect === 'sqlite' ? formatReal(value) : String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
}

function formatReal(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'Inf' : '-Inf';
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value);
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A value as JSON: integers of any size and `numeric` with all their digits, Postgres's JSON as it is. */
export function formatJson(value: Value, { type }: ResultColumn, dialect: Dialect): string {
  if (typeof value === 'string') {
    if (type === 'numeric' && NUMBER.test(value)) return value;
    return type === 'json' && dialect === 'postgres' ? value : JSON.stringify(value);
  }
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : JSON.stringify(String(value));
  if (typeof value === 'boolean') return String(value);
  return value === null ? 'null' : JSON.stringify(formatValue(value, dialect));
}

/** Names as keys: a second `id` is `id_2`. */
export function uniqueNames(columns: readonly ResultColumn[]): string[] {
  const seen = new Set<string>();
  return columns.map(({ name }) => {
    let unique = name;
    for (let n = 2; seen.has(unique); n++) unique = `${name}_${n}`;
    seen.add(unique);
    return unique;
  });
}
