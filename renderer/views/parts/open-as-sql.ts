import { EngineError, type Analysis } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { openInSql } from '../../stores/sql-tabs.ts';

/** The statement that gives the same numbers, or the same actors, in a tab of the SQL view. Throws E_UNSUPPORTED where there is none. */
export async function openAsSql(name: string, analysis: Analysis, selection?: unknown): Promise<void> {
  const { text, reason } = await engine.sql({ analysis, ...(selection === undefined ? {} : { selection }) });
  if (text === null)
    throw new EngineError('E_UNSUPPORTED', reason ?? 'There is no single statement for this.', {
      hint: 'Write one in the SQL view; the Data view has the columns.',
    });
  openInSql(text, name);
}
