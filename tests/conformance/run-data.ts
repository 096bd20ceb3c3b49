import { existsSync } from 'node:fs';
import { listFacts } from './check-data.ts';
import type { EngineBackend } from './engine-backend.ts';
import { prepareSource, type DataSet } from './real-data.ts';
import { describeError, type CaseOutcome } from './run-cases.ts';

/** Every fact of a data set, through the engine; one outcome a fact. */
export async function runDataSet(data: DataSet, backend: EngineBackend): Promise<CaseOutcome[]> {
  const kind = `data: ${data.id}`;
  if (!existsSync(data.file)) return [{ id: data.id, kind, differences: [`its file is not there`] }];
  const source = await backend.openSource(await prepareSource(data, backend.folder));
  const outcomes: CaseOutcome[] = [];
  for (const { name, check } of listFacts(data.facts)) {
    const differences = await check(source).catch((error: unknown) => [describeError(error)]);
    outcomes.push({ id: `${data.id} ${name}`, kind, differences });
  }
  await source.close();
  return outcomes;
}
