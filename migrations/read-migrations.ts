import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export type Dialect = 'sqlite' | 'postgres';

/** One numbered step of a schema. `up` and `down` are SQL scripts without transactions of their own. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly up: string;
  readonly down: string;
  /** Of both scripts, whatever line ends git gave them: hex SHA-256. */
  readonly checksum: string;
}

/** `0001-event-store`, as its files and the table of applied steps have it. */
export const migrationId = ({ number, name }: Pick<Migration, 'number' | 'name'>): string =>
  `${String(number).padStart(4, '0')}-${name}`;

/** The first sentence of its file: what the step brings. */
export function describeMigration({ up }: Pick<Migration, 'up'>): string {
  const lines = up.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('--'));
  const text = lines
    .slice(0, end)
    .map((line) => line.slice(2).trim())
    .join(' ');
  return /^.*?\.(?= |$)/.exec(text)?.[0] ?? text;
}

/** The folder `migrations/<dialect>`: above this file in a clone, above the bundle in a built or packaged app. */
export function findMigrations(dialect: Dialect): string {
  for (let dir = path.dirname(fileURLToPath(import.meta.url)); ; dir = path.dirname(dir)) {
    const folder = path.join(dir, 'migrations', dialect);
    if (existsSync(folder)) return folder;
    if (dir === path.dirname(dir)) throw new Error(`migrations/${dialect} was not shipped with this program`);
  }
}

/** All steps of a dialect, ascending. The same numbers mean the same state of the model in both dialects. */
export function readMigrations(dialect: Dialect): readonly Migration[] {
  const folder = findMigrations(dialect);
  const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8').replaceAll('\r\n', '\n');
  return readdirSync(folder)
    .filter((file) => /^\d{4}-.+\.up\.sql$/.test(file))
    .sort()
    .map((file) => {
      const up = read(file);
      const down = read(file.replace('.up.', '.down.'));
      const checksum = createHash('sha256').update(`${up}\0${down}`).digest('hex');
      return { number: Number(file.slice(0, 4)), name: file.slice(5, -'.up.sql'.length), up, down, checksum };
    });
}
