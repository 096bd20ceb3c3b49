import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findMigrations, migrationId, readMigrations, type Dialect } from '../../migrations/read-migrations.ts';
import { EngineError } from '../../protocol/errors.ts';
import { fileError } from '../source/check-file.ts';

const DIALECTS: readonly Dialect[] = ['postgres', 'sqlite'];

/**
 * Empty files for the next number in both dialects, which keep the same numbers. Answers their paths. Throws E_USAGE for
 * a name that is no kebab-case, E_REFUSED in an installed app.
 */
export function makeMigration(name: string): readonly string[] {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new EngineError('E_USAGE', `“${name}” cannot be the name of a migration.`, {
      hint: 'Use small letters, digits and hyphens, for example `refund-events`.',
    });
  const number = Math.max(...DIALECTS.map((dialect) => readMigrations(dialect).length)) + 1;
  return DIALECTS.flatMap((dialect) => {
    const folder = findMigrations(dialect);
    if (!existsSync(path.join(folder, '..', 'read-migrations.ts')))
      throw new EngineError('E_REFUSED', 'Migrations are written in a clone of the source.', {
        hint: 'An installed Tributary only applies them.',
      });
    return (['up', 'down'] as const).map((direction) => {
      const file = path.join(folder, `${migrationId({ number, name })}.${direction}.sql`);
      return writeNew(file, `-- ${direction === 'up' ? 'What changes, and why.' : 'Takes it back.'}\n`);
    });
  });
}

function writeNew(file: string, text: string): string {
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return file;
  } catch (thrown) {
    throw fileError(thrown, file);
  }
}
