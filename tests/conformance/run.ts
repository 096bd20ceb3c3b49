/**
 * `npm run conformance`: every published case and every real data set, through the public format and the real engine.
 * TRIBUTARY_CONFORMANCE_DIR names another folder of the same format. Exit code 1 on any failure.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readCases } from './case-files.ts';
import { INFORMATION_KINDS } from './check-case.ts';
import { createEngineBackend } from './engine-backend.ts';
import { readDataSets } from './real-data.ts';
import { runCase, type CaseOutcome } from './run-cases.ts';
import { runDataSet } from './run-data.ts';

const here = import.meta.dirname;
const given = process.env['TRIBUTARY_CONFORMANCE_DIR'];
const caseFolder = given === undefined ? here : path.resolve(given);
const dataFolder = given === undefined ? path.resolve(here, '../../../shared/conformance') : path.resolve(given);
const MAX_DIFFERENCES = 5;

const startedAt = performance.now();
const backend = createEngineBackend();
const outcomes: CaseOutcome[] = [];
try {
  const cases = readCases(caseFolder);
  for (const c of cases) if (!INFORMATION_KINDS.has(c.kind)) outcomes.push(await runCase(c, backend));
  const information = cases.filter((c) => INFORMATION_KINDS.has(c.kind)).length;
  if (information > 0)
    console.log(
      `${information} cases of ${[...INFORMATION_KINDS].join(' and ')} are for information: no analysis of ours.`,
    );
  for (const data of readDataSets(dataFolder)) outcomes.push(...(await runDataSet(data, backend)));
} finally {
  await backend.close();
}

printFailures();
printTable();
if (!existsSync(path.join(dataFolder, 'data')))
  console.log(
    'The real data sets did not run: they are not here. Point TRIBUTARY_CONFORMANCE_DIR at a folder that has them.',
  );
const failed = outcomes.filter((outcome) => outcome.differences.length > 0).length;
console.log(
  `${outcomes.length - failed} passed, ${failed} failed in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
);
if (outcomes.length === 0) console.error(`There are no cases in ${caseFolder}.`);
process.exitCode = failed === 0 && outcomes.length > 0 ? 0 : 1;

function printFailures(): void {
  for (const { id, kind, differences } of outcomes) {
    if (differences.length === 0) continue;
    console.log(`FAILED ${kind} ${id}`);
    for (const difference of differences.slice(0, MAX_DIFFERENCES)) console.log(`    ${difference}`);
    if (differences.length > MAX_DIFFERENCES) console.log(`    … and ${differences.length - MAX_DIFFERENCES} more`);
  }
}

function printTable(): void {
  const kinds = [...new Set(outcomes.map((outcome) => outcome.kind))];
  const width = Math.max(4, ...kinds.map((kind) => kind.length));
  console.log(`${'kind'.padEnd(width)}  passed  failed`);
  for (const kind of kinds) {
    const ofKind = outcomes.filter((outcome) => outcome.kind === kind);
    const bad = ofKind.filter((outcome) => outcome.differences.length > 0).length;
    console.log(`${kind.padEnd(width)}  ${String(ofKind.length - bad).padStart(6)}  ${String(bad).padStart(6)}`);
  }
}
