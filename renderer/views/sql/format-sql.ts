import { EngineError } from '../../../protocol/index.ts';
import type { Dialect } from '../../../protocol/query-schema.ts';

/** Lays the text out anew; what it means does not change. The formatter is loaded when it is first used. Throws E_BAD_QUERY. */
export async function formatSql(text: string, dialect: Dialect): Promise<string> {
  const { format } = await import('sql-formatter');
  try {
    const formatted = format(text, {
      language: dialect === 'sqlite' ? 'sqlite' : 'postgresql',
      keywordCase: 'upper',
      tabWidth: 2,
      expressionWidth: 80,
      linesBetweenQueries: 1,
      paramTypes: { named: [':'] },
    });
    return `${formatted}\n`;
  } catch (cause) {
    throw new EngineError('E_BAD_QUERY', 'This text cannot be laid out: it cannot be read as SQL.', {
      hint: 'Mend what is marked in the editor first.',
      details: String(cause),
      cause,
    });
  }
}
