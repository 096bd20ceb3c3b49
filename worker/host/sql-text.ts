import type { Analysis, Selection, SqlText } from '../../protocol/index.ts';
import { prepare } from './answer.ts';
import { getFrozenRows } from './frozen-rows.ts';
import type { RequestScope } from './request-scope.ts';
import type { SourceSession } from './source-session.ts';

export interface SqlQuery {
  readonly analysis: Analysis;
  readonly selection: unknown;
  readonly dialect: SqlText['dialect'] | undefined;
}

/** Throws E_BAD_QUERY for a selection that is none of the analysis. */
export async function getSqlText(
  session: SourceSession,
  { analysis, selection, dialect }: SqlQuery,
  scope: RequestScope,
): Promise<SqlText> {
  const { moments, need } = prepare(session, analysis);
  const { handle, report, firstEventMs } = session;
  return session.pool.run(
    'writeSql',
    {
      ...handle,
      analysis,
      moments,
      hours: need.hours,
      guardHours: report.guardHours,
      firstEventMs,
      frozen: getFrozenRows(session),
      dialect: dialect ?? (handle.ref.kind === 'sqlite' ? 'sqlite' : 'postgres'),
      selection: await readSelection(analysis, selection),
    },
    { control: scope.control, home: handle.sourceId },
  );
}

async function readSelection(analysis: Analysis, selection: unknown): Promise<Selection | null> {
  if (selection === undefined || selection === null) return null;
  const { parseSelection } = await import('../../protocol/index.ts');
  return parseSelection(analysis.type, selection);
}
