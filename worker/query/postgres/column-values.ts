import type { ColumnType, ResultColumn } from '../../../protocol/query-result.ts';
import type { Value } from '../result/page.ts';

type Parse = (text: string) => Value;
interface Known {
  readonly name: string;
  readonly type: ColumnType;
  readonly parse: Parse;
}
const asText: Parse = (text) => text;
const asInteger: Parse = (text) => BigInt(text);
const asReal: Parse = (text) => Number(text);
const known = (name: string, type: ColumnType, parse: Parse = asText): Known => ({ name, type, parse });

/** By OID. What is not here is text, as the server writes it. */
const TYPES: Readonly<Record<number, Known>> = {
  16: known('boolean', 'boolean', (text) => text === 't'),
  17: known('bytea', 'blob', (text) => Buffer.from(text.slice(2), 'hex')),
  19: known('name', 'text'),
  20: known('bigint', 'integer', asInteger),
  21: known('smallint', 'integer', asInteger),
  23: known('integer', 'integer', asInteger),
  25: known('text', 'text'),
  26: known('oid', 'integer', asInteger),
  114: known('json', 'json'),
  700: known('real', 'real', asReal),
  701: known('double precision', 'real', asReal),
  1042: known('character', 'text'),
  1043: known('character varying', 'text'),
  1082: known('date', 'date'),
  1114: known('timestamp', 'timestamp'),
  1184: known('timestamptz', 'timestamp'),
  1700: known('numeric', 'numeric'),
  2950: known('uuid', 'text'),
  3802: known('jsonb', 'json'),
};

const typeOf = (oid: number): { readonly name: string | null; readonly type: ColumnType } =>
  TYPES[oid] ?? { name: null, type: 'text' };

/** For `pg`: exact values, never its own guesses of dates, arrays and JSON. */
export const EXACT_TYPES = {
  getTypeParser: (oid: number): Parse => TYPES[oid]?.parse ?? asText,
};

/** Columns of an answer. A type that is not known here (an enum, an array) is text without a name. */
export const describeColumns = (
  fields: readonly { readonly name: string; readonly dataTypeID: number }[],
): ResultColumn[] =>
  fields.map(({ name, dataTypeID }) => {
    const { name: declared, type } = typeOf(dataTypeID);
    return { name, type, declared };
  });
