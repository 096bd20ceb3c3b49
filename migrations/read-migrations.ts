import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** One numbered step of a schema. `up` and `down` are SQL scripts. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly up: string;
  readonly down: string;
}

/** The folder `migrations/<dialect>`: above this file in a clone, above the bundle in a built or packaged app. */
function findFolder(dialect: string): string {
  for (let dir = path.dirname(fileURLToPath(import.meta.url)); ; dir = path.dirname(dir)) {
    const folder = path.join(dir, 'migrations', dialect);
    if (existsSync(folder)) return folder;
    if (dir === path.dirname(dir)) throw new Error(`migrations/${dialect} was not shipped with this program`);
  }
}

/** All steps of a dialect, ascending. */
export function readMigrations(dialect: 'sqlite'): readonly Migration[] {
  const folder = findFolder(dialect);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.up.sql'))
    .sort()
    .map((file) => ({
      number: Number(file.slice(0, 4)),
      name: file.slice(5, -'.up.sql'.length),
      up: readFileSync(path.join(folder, file), 'utf8'),
      down: readFileSync(path.join(folder, file.replace('.up.', '.down.')), 'utf8'),
    }));
}
