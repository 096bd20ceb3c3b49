import { constants } from 'node:sqlite';

/** What a statement wants to do that is not reading, as the authorizer saw it. */
export interface Denied {
  readonly action: string;
  readonly subject: string | null;
}

/** Pragmas that only tell something. `true`: they may take an argument (a table or an index), which changes nothing. */
const PRAGMAS: Readonly<Record<string, boolean>> = {
  application_id: false,
  collation_list: false,
  compile_options: false,
  data_version: false,
  encoding: false,
  foreign_key_check: true,
  foreign_key_list: true,
  freelist_count: false,
  function_list: false,
  index_info: true,
  index_list: true,
  index_xinfo: true,
  integrity_check: true,
  module_list: false,
  page_count: false,
  page_size: false,
  pragma_list: false,
  quick_check: true,
  schema_version: false,
  table_info: true,
  table_list: true,
  table_xinfo: true,
  user_version: false,
};

/** Beyond the engine's own defences: functions that reach outside the database. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  'load_extension',
  'fts3_tokenizer',
  'readfile',
  'writefile',
  'edit',
  'lsdir',
  'fsdir',
  'sqlar_compress',
  'sqlar_uncompress',
  'shell_add_schema',
  'sqlite_log',
]);

const READING: ReadonlySet<number> = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_RECURSIVE,
]);

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants)
    .filter(([name]) => /^SQLITE_(?!CHANGESET|OK$|DENY$|IGNORE$)/.test(name))
    .map(([name, code]) => [code as number, name.slice('SQLITE_'.length).replaceAll('_', ' ')]),
);

/** null = allowed. Everything that is not known to be reading is denied (security.md fact 5). */
export function judge(action: number, first: string | null, second: string | null): Denied | null {
  if (READING.has(action)) return null;
  const denied = { action: NAMES.get(action) ?? `action ${action}`, subject: first };
  if (action === constants.SQLITE_FUNCTION) {
    const name = (second ?? '').toLowerCase();
    return FUNCTIONS.has(name) ? { ...denied, subject: name } : null;
  }
  if (action !== constants.SQLITE_PRAGMA) return denied;
  const name = (first ?? '').toLowerCase();
  if (!Object.hasOwn(PRAGMAS, name)) return denied;
  return second === null || PRAGMAS[name] === true ? null : denied;
}
