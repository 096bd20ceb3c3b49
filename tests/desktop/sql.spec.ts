import path from 'node:path';
import Database from 'better-sqlite3';
import { samplePath } from '../journey/journey.ts';
import * as sql from '../journey/sql.ts';
import { openSample, stubDialogs, test, type Desktop } from './fixture.ts';

const platformOf = (desktop: Desktop, folder: string): sql.SqlPlatform => ({
  page: desktop.page,
  folder,
  saveAs: async (file, ask) => {
    await stubDialogs(desktop, { savePath: file });
    await ask();
  },
});

test.beforeEach(async ({ desktop: { page } }) => {
  test.setTimeout(600_000);
  await openSample(page);
  await sql.openEditor(page);
});

test('typed with completion, run, sorted, drawn and exported', async ({ desktop, folder }) => {
  const db = new Database(samplePath({ dataDir: path.join(folder, 'data') }), { readonly: true });
  const expected = db
    .prepare('SELECT event_type, count(*) AS n FROM global_events GROUP BY event_type ORDER BY n DESC')
    .raw()
    .all() as [string, number][];
  db.close();
  await sql.expectTypesCounted(platformOf(desktop, folder), expected);
});

test('ten million rows: scrolled, sorted without a second run, exported byte for byte', async ({ desktop, folder }) => {
  await sql.expectTenMillionRows(platformOf(desktop, folder), 'sqlite');
});
