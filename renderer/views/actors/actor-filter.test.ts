import { describe, expect, it } from 'vitest';
import {
  EMPTY_SQL,
  parseAnalysis,
  WORKSPACE_VERSION,
  WorkspaceSchema,
  type Workspace,
} from '../../../protocol/index.ts';
import { getFilteredDocument, withActorFilter } from './actor-filter.ts';

const funnel = parseAnalysis({ type: 'funnel', steps: [{ event: 'a' }], where: [{ prop: 'x', op: 'eq', value: '1' }] });
const workspace = (analyses: Workspace['analyses']): Workspace =>
  WorkspaceSchema.parse({
    kind: 'tributary-workspace',
    version: WORKSPACE_VERSION,
    source: null,
    timezone: 'UTC',
    range: { from: '2026-01-01', to: null },
    asOf: '2026-02-01',
    knownAt: null,
    view: 'funnel',
    analyses,
    saved: [],
    sql: EMPTY_SQL,
    layout: { rightPanelOpen: true, rightPanelWidth: 320 },
  });
const only = (ids: string[]) => ({ prop: '$actor', op: 'in', value: ids });

describe('going on with the actors of a list', () => {
  it('adds to the filters that are there, and replaces an earlier list', () => {
    const once = withActorFilter(funnel, ['a']);
    expect(withActorFilter(once, ['b']).where).toEqual([{ prop: 'x', op: 'eq', value: '1' }, only(['b'])]);
  });
  it('filters the analysis being edited', () => {
    const next = getFilteredDocument(workspace({ funnel }), { ...funnel, asOf: '2026-02-01' }, ['a']);
    expect(next.analyses['funnel']).toMatchObject({ asOf: null, where: [{ prop: 'x' }, only(['a'])] });
  });
  it('keeps following the source bar where nothing had been edited', () => {
    const asked = { ...funnel, asOf: '2026-02-01', dateRange: { from: '2026-01-01', to: null } };
    const next = getFilteredDocument(workspace({}), asked, ['a']).analyses['funnel'];
    expect(next).toMatchObject({ asOf: null, where: [{ prop: 'x' }, only(['a'])] });
    expect(next).not.toHaveProperty('dateRange');
    const own = getFilteredDocument(workspace({}), { ...asked, dateRange: { from: '2020-01-01', to: null } }, ['a']);
    expect(own.analyses['funnel']).toHaveProperty('dateRange.from', '2020-01-01');
  });
});
