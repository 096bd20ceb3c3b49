import { describe, expect, test } from 'vitest';
import { MappingSchema, type Inspection, type TableInfo } from '../../../protocol/index.ts';
import { joinPath, sortEntries, withWorkspaceEnding } from './folder-entries.ts';
import { changeTable, fieldOfPath, firstDraft, getMissing, toDraft, toMapping } from './mapping-draft.ts';

const full = MappingSchema.parse({
  table: 'visits',
  actor: 'patient',
  event: { constant: 'visit' },
  time: { column: 'at', format: 'iso' },
  recordedAt: { column: 'seen', format: 'seconds' },
  properties: ['ward'],
  json: 'extra',
  filter: '"ward" = 1',
});
const table = (name: string, rows: number | null, ...columns: string[]): TableInfo => ({
  name,
  kind: 'table',
  rows,
  columns: columns.map((c) => ({ name: c, type: 'TEXT', notNull: false, primaryKey: false })),
});
const inspection = (part: Partial<Inspection>): Inspection => ({
  path: '/a.db',
  sizeBytes: 1,
  model: 'unknown',
  tables: [],
  candidates: [],
  mapping: null,
  totals: null,
  partitions: [],
  issues: [],
  guardHours: 0,
  migrations: null,
  ...part,
});

describe('a mapping being edited', () => {
  test('is the mapping again when nothing was changed', () => {
    expect(toMapping(toDraft(full))).toEqual(full);
    const small = { table: 't', actor: 'a', event: { column: 'e' }, time: { column: 'x', format: 'auto' } } as const;
    expect(toMapping(toDraft(small))).toEqual(small);
  });
  test('begins with the mapping in use, else the best proposal, else the largest table', () => {
    const candidate = { mapping: full, score: 1, reasons: [] };
    const tables = [table('small', 1, 'a'), table('large', 9, 'a'), table('view', null, 'a')];
    expect(firstDraft(inspection({ candidates: [candidate] }), { ...full, actor: 'other' }).actor).toBe('other');
    expect(firstDraft(inspection({ candidates: [candidate] }), null).actor).toBe('patient');
    expect(firstDraft(inspection({ tables }), null)).toMatchObject({ table: 'large', actor: '' });
  });
  test('keeps the columns that another table has too', () => {
    expect(changeTable(toDraft(full), table('other', 5, 'patient', 'ward', 'time'))).toMatchObject({
      table: 'other',
      actor: 'patient',
      time: '',
      recordedAt: '',
      json: '',
      properties: ['ward'],
    });
  });
  test('says what is missing', () => {
    expect(Object.keys(getMissing(firstDraft(inspection({}), null)))).toEqual(['table', 'actor', 'event', 'time']);
    expect(getMissing({ ...toDraft(full), eventConstant: '  ' })).toHaveProperty('event');
    expect(getMissing(toDraft(full))).toEqual({});
  });
  test('puts an error at its field', () => {
    expect(['mapping.time.column', 'mapping.actor', 'mapping', undefined, 'mapping.nothing'].map(fieldOfPath)).toEqual([
      'time',
      'actor',
      null,
      null,
      null,
    ]);
  });
});

describe('folders', () => {
  const entry = (name: string, kind: 'file' | 'folder' = 'file') => ({
    name,
    path: `/x/${name}`,
    kind,
    sizeBytes: 0,
    modifiedAt: 0,
  });
  test('show folders, then what one is looking for', () => {
    const entries = [entry('a.txt'), entry('z', 'folder'), entry('b.sqlite'), entry('c.tributary.json')];
    expect(sortEntries(entries, 'source').map((e) => e.name)).toEqual(['z', 'b.sqlite', 'a.txt', 'c.tributary.json']);
    expect(sortEntries(entries, 'workspace').map((e) => e.name)).toEqual([
      'z',
      'c.tributary.json',
      'a.txt',
      'b.sqlite',
    ]);
  });
  test('make paths and endings', () => {
    expect([joinPath('/a', 'b'), joinPath('/', 'b'), joinPath('C:\\a', 'b')]).toEqual(['/a/b', '/b', 'C:\\a\\b']);
    expect([withWorkspaceEnding('w'), withWorkspaceEnding('w.tributary.json'), withWorkspaceEnding('w.JSON')]).toEqual([
      'w.tributary.json',
      'w.tributary.json',
      'w.JSON',
    ]);
  });
});
