import type { ColumnType, ResultColumn } from '../../../protocol/query-result.ts';

interface Known {
  readonly name: string;
  readonly type: ColumnType;
}
const known = (name: string, type: ColumnType): Known => ({ name, type });

/** By OID. What is not here is text, as the server writes it. */
const TYPES: Readonly<Record<number, Known>> = {
  16: known('boolean', 'boolean'),
  17: known('bytea', 'blob'),
  19: known('name', 'text'),
  20: known('bigint', 'integer'),
  21: known('smallint', 'integer'),
  23: known('integer', 'integer'),
  25: known('text', 'text'),
  26: known('oid', 'integer'),
  114: known('json', 'json'),
  700: known('real', 'real'),
  701: known('double precision', 'real'),
  1042: known('character', 'text'),
  1043: known('character varying', 'text'),
  1082: known('date', 'date'),
  1114: known('timestamp', 'timestamp'),
  1184: known('timestamptz', 'timestamp'),
  1700: known('numeric', 'numeric'),
  2950: known('uuid', 'text'),
  3802: known('jsonb', 'json'),
};

/** Columns of an answer. A type that is not known here (an enum, an array) is text without a name. */
export const describeColumns = (
  fields: readonly { readonly name: string; readonly dataTypeID: number }[],
): ResultColumn[] =>
  fields.map(({ name, dataTypeID }) => {
    const { name: declared = null, type = 'text' } = TYPES[dataTypeID] ?? {};
    return { name, type, declared };
  });
