import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { migrationId, readMigrations, type Dialect } from '../../migrations/read-migrations.ts';

/** SHA-256 of released migrations. A line is added when a migration is released, and never changed. */
const RELEASED = JSON.parse(readFileSync(path.join(import.meta.dirname, 'released.json'), 'utf8')) as Record<
  Dialect,
  Record<string, string>
>;

test.each(['postgres', 'sqlite'] as const)('released %s migrations are as they were released', (dialect) => {
  const now = Object.fromEntries(readMigrations(dialect).map((m) => [migrationId(m), m.checksum]));
  expect(now).toMatchObject(RELEASED[dialect]);
  expect(Object.keys(RELEASED[dialect]).length).toBeGreaterThan(0);
});

test('both dialects have the same numbers and names, consecutive from 1', () => {
  const ids = readMigrations('postgres').map(migrationId);
  expect(readMigrations('sqlite').map(migrationId)).toEqual(ids);
  expect(readMigrations('postgres').map(({ number }) => number)).toEqual(ids.map((_, i) => i + 1));
});

test('no script has a transaction of its own: a step and its entry are one', () => {
  for (const dialect of ['postgres', 'sqlite'] as const)
    for (const { up, down } of readMigrations(dialect))
      expect(`${up}\n${down}`).not.toMatch(/^\s*(BEGIN|COMMIT|ROLLBACK|START)\b.*;/im);
});
