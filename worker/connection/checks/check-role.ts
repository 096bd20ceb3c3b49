import type { Client } from 'pg';
import type { Finding } from '../../../protocol/connections.ts';
import { finding, quote, readRow, type Check } from './finding.ts';

interface Role {
  readonly name: string;
  readonly superuser: boolean;
  /** Roles that reach files and programs of the server, or every table. */
  readonly powers: readonly string[];
  readonly creates: boolean;
  /** Tables of the schema that it may change, and one of them. */
  readonly writable: number;
  readonly example: string | null;
}

const ROLE_SQL = `
  SELECT current_user AS name,
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
    ARRAY(SELECT rolname::text FROM pg_roles
      WHERE rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program', 'pg_read_server_files')
        AND pg_has_role(current_user, oid, 'USAGE') ORDER BY 1) AS powers,
    coalesce((SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = $1), false) AS creates,
    (SELECT count(*)::int FROM writable) AS writable, (SELECT min(name) FROM writable) AS example`;
const WRITABLE = `
  WITH writable AS (
    SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))`;

/** The server's own rights are what holds when all else fails: analyses need SELECT and nothing more. */
export const checkRole: Check = async ({ client, target }) => {
  const role = await readRow<Role>(client, WRITABLE + ROLE_SQL, [target.schema]);
  const mend = makeReader(target.database, target.schema);
  if (role.superuser)
    return [
      finding(
        'superuser',
        'danger',
        `${role.name} is a superuser: it may read and change everything, files of the server included.`,
        mend,
      ),
    ];
  const found: Finding[] = [];
  if (role.writable > 0) found.push(finding('can_write', 'danger', `${role.name} may change ${describe(role)}.`, mend));
  if (role.powers.length > 0)
    found.push(
      finding(
        'can_write',
        'danger',
        `${role.name} has the powers of ${role.powers.join(', ')}.`,
        `REVOKE ${role.powers.join(', ')} FROM ${quote(role.name)};`,
      ),
    );
  if (role.creates)
    found.push(
      finding(
        'can_create',
        'warning',
        `${role.name} may make tables in the schema ${target.schema}.`,
        `REVOKE CREATE ON SCHEMA ${quote(target.schema)} FROM PUBLIC, ${quote(role.name)};`,
      ),
    );
  return found;
};

const describe = ({ writable, example }: Role): string =>
  writable === 1
    ? `the table ${example ?? ''}`
    : `${writable.toLocaleString('en-US')} tables, ${example ?? ''} among them`;

const makeReader = (database: string, schema: string): string =>
  [
    'Use a role that only reads, for example:',
    "CREATE ROLE analyst LOGIN PASSWORD '…' CONNECTION LIMIT 10;",
    `GRANT CONNECT ON DATABASE ${quote(database)} TO analyst;`,
    `GRANT USAGE ON SCHEMA ${quote(schema)} TO analyst;`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA ${quote(schema)} TO analyst;`,
  ].join('\n');

/** Tried, not believed: what would be a change is sent in such a transaction as analyses use, and taken back whatever happens. */
export const checkReadOnly: Check = async ({ client }) => {
  const refused = await tryToWrite(client);
  return [
    refused
      ? finding('read_only', 'good', 'The session only reads: the server refused a write that was tried.')
      : finding(
          'read_only',
          'danger',
          'The session is not read-only at the server.',
          'Something between here and the server changes settings, for example a pooler; connect without it.',
        ),
  ];
};

async function tryToWrite(client: Client): Promise<boolean> {
  await client.query('BEGIN');
  try {
    await client.query('CREATE TEMP TABLE tributary_write_test () ON COMMIT DROP');
    return false;
  } catch (thrown) {
    const { code } = thrown as { readonly code?: string };
    return code === '25006' || code === '42501';
  } finally {
    await client.query('ROLLBACK');
  }
}
