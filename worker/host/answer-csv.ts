import { EngineError } from '../../protocol/errors.ts';
import type { AnalysisResult } from '../../protocol/index.ts';
import { getAnswerTables } from '../export/answer-tables.ts';
import { formatCsv } from '../export/csv.ts';

/** One table of an answer, the main one unless named. Throws E_USAGE for a name it does not have. */
export function getAnswerCsv(result: AnalysisResult, name: string | undefined, spreadsheetSafe: boolean): string {
  const tables = getAnswerTables(result);
  const table = name === undefined ? Object.values(tables)[0] : tables[name];
  if (table === undefined)
    throw new EngineError('E_USAGE', `A ${result.type} has no table "${name}".`, {
      hint: `It has: ${Object.keys(tables).join(', ')}.`,
    });
  return formatCsv(table, { spreadsheetSafe });
}
