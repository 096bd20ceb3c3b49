import { beforeEach, describe, expect, test } from 'vitest';
import { FunnelSchema } from '../../protocol/index.ts';
import {
  addHistory,
  addTab,
  changeTab,
  closeTab,
  getActiveTab,
  openInSql,
  removeSaved,
  reopenTab,
  saveQuery,
} from './sql-tabs.ts';
import { newWorkspace, readWorkspaceText, useWorkspace } from './workspace.ts';
import { fileNameOf, folderOf } from './workspace-path.ts';

const store = () => useWorkspace.getState();
const source = { kind: 'sqlite', path: '/data/shop.db' } as const;
const funnel = FunnelSchema.parse({ type: 'funnel', steps: [{ event: 'a' }] });

beforeEach(() => store().load(newWorkspace(source), null));

describe('the workspace document', () => {
  test('is dirty after a change and clean again after undoing it', () => {
    store().setAnalysis('funnel', funnel, 'Add a step');
    expect(store().dirty).toBe(true);
    store().undo();
    expect(store().dirty).toBe(false);
    expect(store().document.analyses).toEqual({});
    store().redo();
    expect(store().document.analyses['funnel']).toEqual(funnel);
  });

  test('looking at another view is no change, and undo does not go back in it', () => {
    store().setRange({ from: '2024-01-01', to: null });
    store().setView('flow');
    expect(store().history.past).toHaveLength(1);
    store().undo();
    expect(store().document.view).toBe('flow');
    expect(store().document.range).toEqual({ from: null, to: null });
    expect(store().dirty).toBe(false);
  });

  test('saving makes it clean; undo past the save makes it dirty again', () => {
    store().setTimezone('Europe/Berlin');
    store().markSaved('/data/a.tributary.json', store().document);
    expect(store().dirty).toBe(false);
    store().undo();
    expect(store().dirty).toBe(true);
  });

  test('what changed while the file was written is not saved', () => {
    store().setTimezone('Europe/Berlin');
    const written = store().document;
    store().setTimezone('Asia/Tokyo');
    store().markSaved('/data/a.tributary.json', written);
    expect(store().dirty).toBe(true);
  });

  test('another mapping is a change, but not one that undo takes back', () => {
    store().setRange({ from: '2024-01-01', to: null });
    store().setSource({
      ...source,
      mapping: { table: 't', actor: 'a', event: { column: 'e' }, time: { column: 'x', format: 'auto' } },
    });
    store().undo();
    expect(store().document.range.from).toBeNull();
    expect(store().document.source?.mapping?.table).toBe('t');
    expect(store().dirty).toBe(true);
  });

  test('a recovered document is dirty from the start', () => {
    store().load(newWorkspace(source), '/data/a.tributary.json', { dirty: true });
    expect(store().dirty).toBe(true);
  });

  test('kept analyses can be removed and undone', () => {
    store().keepAnalysis('Signup to payment', funnel);
    const [kept] = store().document.saved;
    expect(kept?.name).toBe('Signup to payment');
    store().removeKept(kept?.id ?? '');
    expect(store().document.saved).toEqual([]);
    store().undo();
    expect(store().document.saved).toHaveLength(1);
  });
});

describe('the workspace file', () => {
  test('says what is wrong with a file that is no workspace', () => {
    expect(() => readWorkspaceText('{')).toThrow('not a Tributary workspace');
    expect(() => readWorkspaceText('{"kind":"tributary-workspace","version":99}')).toThrow('newer Tributary');
  });
  test('of version 1 is read as one without SQL', () => {
    const { sql: _sql, ...old } = newWorkspace({ kind: 'sqlite', path: '/a.db' });
    expect(readWorkspaceText(JSON.stringify({ ...old, version: 1 }))).toEqual(
      newWorkspace({ kind: 'sqlite', path: '/a.db' }),
    );
  });
});

describe('SQL in the document', () => {
  test('a tab is work to save, no undo step; what was run is neither', () => {
    addHistory({ text: 'SELECT 1', at: 1, ms: 2, rows: 1, error: null });
    expect(store().dirty).toBe(false);
    const id = addTab({ text: 'SELECT 1' });
    expect(store().dirty).toBe(true);
    expect(store().history.past).toHaveLength(0);
    store().setAsOf('2026-01-01T00:00');
    changeTab(id, { text: 'SELECT 2' });
    store().undo();
    expect(getActiveTab()?.text).toBe('SELECT 2');
  });
  test('a closed tab shows its neighbour and can be had back', () => {
    const [first, second] = [addTab({ text: 'a' }), addTab({ text: 'b' })];
    closeTab(second);
    expect(getActiveTab()?.id).toBe(first);
    reopenTab();
    expect(getActiveTab()?.text).toBe('b');
  });
  test('a statement from elsewhere is opened once, in the SQL view', () => {
    const id = openInSql('SELECT 7', 'Seven');
    expect(openInSql('SELECT 7')).toBe(id);
    expect(store().document).toMatchObject({ view: 'sql', sql: { activeTab: id, tabs: [{ title: 'Seven' }] } });
  });
  test('a saved query is one thing with its tab until it is removed', () => {
    const id = addTab({ text: 'a' });
    saveQuery(id, 'Mine');
    changeTab(id, { text: 'b' });
    saveQuery(id, 'Mine');
    const [saved, ...others] = store().document.sql.saved;
    expect([saved?.text, others]).toEqual(['b', []]);
    removeSaved(saved?.id ?? '');
    expect(getActiveTab()).toMatchObject({ savedId: null, text: 'b' });
  });
});

describe('paths', () => {
  test('are taken apart on both kinds of systems', () => {
    expect([folderOf('/a/b.db'), fileNameOf('/a/b.db')]).toEqual(['/a/', 'b.db']);
    expect([folderOf('C:\\a\\b.db'), fileNameOf('C:\\a\\b.db')]).toEqual(['C:\\a\\', 'b.db']);
  });
});
