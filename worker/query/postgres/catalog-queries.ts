/** What the tree of a server shows, from its catalogs: nothing of the system, nothing of other sessions. */
const OWN = `n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(?:toast|temp)' AND has_schema_privilege(n.oid, 'USAGE')`;

export const RELATIONS = `
  SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
    c.reltuples::float8 AS rows, c.relpages * current_setting('block_size')::float8 AS bytes,
    obj_description(c.oid, 'pg_class') AS comment,
    CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid, true) END AS definition,
    CASE WHEN c.relispartition THEN i.inhparent::text END AS parent,
    pg_get_expr(c.relpartbound, c.oid) AS bounds
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${OWN}
  ORDER BY n.nspname, c.relname LIMIT 50000`;

export const COLUMNS = `
  SELECT c.oid::text AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
    a.attnotnull AS "notNull", coalesce(a.attnum = ANY (k.conkey), false) AS "primaryKey",
    col_description(c.oid, a.attnum) AS comment
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND ${OWN}
  ORDER BY c.oid, a.attnum`;

export const INDEXES = `
  SELECT c.oid::text AS "table", x.relname AS name, i.indisunique AS unique, pg_get_indexdef(x.oid) AS ddl,
    ARRAY(SELECT pg_get_indexdef(x.oid, p, true) FROM generate_series(1, i.indnkeyatts) p) AS columns
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE NOT c.relispartition AND ${OWN}
  ORDER BY c.oid, x.relname`;

export const REFERENCES = `
  SELECT c.oid::text AS "table", tn.nspname AS "toSchema", t.relname AS "toTable",
    ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(num, at)
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.num ORDER BY u.at) AS columns,
    ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(num, at)
      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = u.num ORDER BY u.at) AS "toColumns"
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class t ON t.oid = k.confrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
  WHERE k.contype = 'f' AND NOT c.relispartition AND ${OWN}`;

export const FUNCTIONS = `
  SELECT DISTINCT p.proname AS name FROM pg_proc p
  WHERE p.prokind IN ('f', 'a', 'w') AND p.proname !~ '^(?:_|pg_|bt|hash|gin_|gist_|brin|spg_|binary_upgrade|ri_|RI_)'
    AND p.prorettype NOT IN ('trigger'::regtype, 'internal'::regtype, 'language_handler'::regtype)
    AND has_function_privilege(p.oid, 'EXECUTE')
  ORDER BY 1 LIMIT 3000`;
