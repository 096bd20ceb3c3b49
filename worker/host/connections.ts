import type { ConnectionDraft, ConnectionTest, PostgresRef } from '../../protocol/index.ts';

/** The driver and what looks through a server are loaded only where there is one. Throws E_USAGE, E_TLS, E_NOT_FOUND. */
export async function readDraft(text: string): Promise<ConnectionDraft> {
  const { parseTarget } = await import('../connection/parse-target.ts');
  const { target, password = null, notes } = parseTarget(text.trim());
  return { target, password, notes };
}

export async function testServer(ref: PostgresRef, password: string | undefined): Promise<ConnectionTest> {
  const [{ testConnection }, { readMigrationStatus }] = await Promise.all([
    import('../connection/test-connection.ts'),
    import('../admin/postgres-migrations.ts'),
  ]);
  const options = { password, mapping: ref.mapping ?? null, readMigrations: readMigrationStatus };
  return testConnection(ref.target, options);
}
