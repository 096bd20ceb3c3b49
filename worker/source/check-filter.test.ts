import { expect, test } from 'vitest';
import { checkFilter } from './check-filter.ts';

test.each([
  `"lifecycle:transition" = 'complete'`,
  `status IN ('a', 'b''c') AND NOT (kind LIKE '%x;--/*%' OR n BETWEEN 1 AND 2.5e3)`,
  `lower(trim([name])) <> '' and json_extract(meta, '$.a') is not null`,
  'CASE WHEN a THEN 1 ELSE 0 END',
  `cast(x as integer) % 2 = 0 || ''`,
  `"select" = 1`,
])('%s is one condition', (filter) => expect(() => checkFilter(filter)).not.toThrow());

test.each([
  ['1; DROP TABLE log', '“;”'],
  ['1) UNION SELECT (1', 'bracket'],
  ['(1', 'bracket'],
  ['1 -- )', 'comment'],
  ['1 /* x', 'comment'],
  ['a IN (SELECT b FROM c)', 'SELECT'],
  ['a IN sqlite_master', 'IN'],
  ['EXISTS (VALUES (1))', 'EXISTS'],
  [`load_extension('x')`, 'load_extension()'],
  ['randomblob(1e9) IS NULL', 'randomblob()'],
  ['count(*) > 1', 'count()'],
  ['a = ?1', '“?”'],
  ['a = :b', '“:”'],
  [`'open`, `“'”`],
  ['  ', 'empty'],
  [`"load_extension"('x')`, 'calls'],
])('%s is refused', (filter, why) => expect(() => checkFilter(filter)).toThrow(why));
