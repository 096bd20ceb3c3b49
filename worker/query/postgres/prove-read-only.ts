import type { ProofStep, ReadOnlyProof } from '../../../protocol/query-schema.ts';
import { judgeStatement } from './guard-postgres.ts';
import { KNOWN_BYPASSES } from './known-bypasses.ts';
import type { ReadOnlySession } from './read-only-session.ts';

/**
 * Harmless to production: known bypasses meet the parser alone. The server gets two statements after the pin, must refuse
 * both, and everything is rolled back.
 */
export async function proveReadOnly(session: ReadOnlySession): Promise<ReadOnlyProof> {
  const steps = [
    proveGuard(),
    await proveRefused(session, 'becoming read-write', 'SET TRANSACTION READ WRITE', '25001'),
    await proveRefused(session, 'temporary table', 'CREATE TEMP TABLE tributary_proof (a int)', '25006'),
  ];
  if (steps.some(({ passed }) => !passed))
    return { status: 'failed', text: 'read-only: not proved, so nothing is run', steps, warnings: [] };
  const warnings = await findWarnings(session);
  const status = warnings.length === 0 ? 'proved' : 'weak';
  return { status, text: 'read-only: proved', steps, warnings };
}

function proveGuard(): ProofStep {
  const through = KNOWN_BYPASSES.filter((sql) => judgeStatement(sql).kind !== 'refused');
  const count = KNOWN_BYPASSES.length;
  const text = through.length === 0 ? `${count} known ways around were refused` : `let through: ${through.join(' · ')}`;
  return { name: 'parser guard', passed: through.length === 0, text };
}

async function proveRefused(session: ReadOnlySession, name: string, sql: string, code: string): Promise<ProofStep> {
  const outcome = await session.read({ statementMs: 5_000 }, (client) =>
    client.query(sql).then(
      () => null,
      (thrown: unknown) => (thrown as { readonly code?: string }).code ?? String(thrown),
    ),
  );
  if (outcome === code) return { name, passed: true, text: `the server refused it (${code})` };
  return { name, passed: false, text: outcome === null ? 'the server did it' : `the server said ${outcome}` };
}

interface Role {
  readonly superuser: boolean;
  readonly creates: boolean;
  readonly writes: boolean;
  readonly files: boolean;
  readonly dblink: boolean;
}

async function findWarnings(session: ReadOnlySession): Promise<string[]> {
  const [role] = await session.rows<Role>(`
    SELECT rolsuper AS superuser,
      has_database_privilege(current_database(), 'CREATE')
        OR coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS creates,
      EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY (current_schemas(false))
          AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) AS writes,
      pg_has_role('pg_write_server_files', 'MEMBER') OR pg_has_role('pg_execute_server_program', 'MEMBER') AS files,
      EXISTS (SELECT FROM pg_proc WHERE proname = 'dblink_exec' AND has_function_privilege(oid, 'EXECUTE')) AS dblink
    FROM pg_roles WHERE rolname = current_user`);
  if (role === undefined) return [];
  if (role.superuser)
    return ['This role is a superuser: only the guard keeps it from writing. Use a role that may only SELECT.'];
  return [
    role.writes && 'This role may change tables. A role that may only SELECT is safer.',
    role.creates && 'This role may create tables here.',
    role.files && 'This role may write files or run programs on the server.',
    role.dblink && 'This role may reach other databases through dblink.',
  ].filter((text) => text !== false);
}
