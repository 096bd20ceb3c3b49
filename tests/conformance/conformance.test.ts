import { afterAll, describe, expect, test } from 'vitest';
import { computeBackend, type Backend } from './backend.ts';
import { readCases, type ConformanceCase } from './case-files.ts';
import { CHECKS, INFORMATION_KINDS } from './check-case.ts';
import type { Json } from './compare.ts';
import { createEngineBackend } from './engine-backend.ts';
import { runCase } from './run-cases.ts';

const cases = readCases(import.meta.dirname).filter((c) => !INFORMATION_KINDS.has(c.kind));
const kinds = [...new Set(cases.map((c) => c.kind))];
const engine = createEngineBackend();
afterAll(() => engine.close(), 60_000);

/** Each case that fails, with what was expected and got. */
async function listFailures(
  kind: string,
  backend: Backend,
): Promise<readonly { id: string; differences: readonly string[] }[]> {
  const failures = [];
  for (const c of cases.filter((one) => one.kind === kind)) {
    const { id, differences } = await runCase(c, backend);
    if (differences.length > 0) failures.push({ id, differences });
  }
  return failures;
}

test('all kinds that a check knows have cases', () => {
  expect(kinds.toSorted()).toEqual(Object.keys(CHECKS).toSorted());
  expect(cases.length).toBeGreaterThan(800);
});

describe.each([computeBackend, engine])('published cases through $name', (backend) => {
  test.each(kinds)('%s', async (kind) => expect(await listFailures(kind, backend)).toEqual([]), 120_000);
});

/** A check that cannot fail proves nothing: the first published number (or yes) of every case is made wrong. */
test('a wrong expectation is noticed in every case', async () => {
  const unnoticed: string[] = [];
  for (const c of cases) {
    const wrong = spoil(c);
    if (wrong !== null && (await runCase(wrong, computeBackend)).differences.length === 0) unnoticed.push(c.id);
  }
  expect(unnoticed).toEqual([]);
}, 120_000);

function spoil(c: ConformanceCase): ConformanceCase | null {
  const { expected, publishedEquals: _, productExpectation, ...rest } = c;
  const published = productExpectation === undefined ? expected : { ...expected, ordered: productExpectation.ordered };
  const spoiled = spoilFirst(published) as Record<string, Json>;
  if (JSON.stringify(spoiled) === JSON.stringify(published)) return null;
  if (productExpectation === undefined) return { ...rest, expected: spoiled };
  const { ordered } = spoilFirst(productExpectation) as { ordered: Record<string, number> };
  return { ...rest, expected, productExpectation: { ordered } };
}

/** The same JSON with its first number one larger, or its first yes a no. */
function spoilFirst(value: Json): Json {
  let done = false;
  const visit = (part: Json): Json => {
    if (done) return part;
    if (typeof part === 'number') {
      done = true;
      return part + 1;
    }
    if (part === true) {
      done = true;
      return false;
    }
    if (Array.isArray(part)) return part.map(visit);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, visit(inner)]));
  };
  return visit(value);
}
