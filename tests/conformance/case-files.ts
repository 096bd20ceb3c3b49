import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { LogEvent } from '../support/timelines.ts';

/** One published fact in the shape of FORMAT.md. `query` and `expected` differ by kind and are read by the checks. */
export interface ConformanceCase {
  readonly id: string;
  readonly kind: string;
  readonly timezone: string;
  readonly events: readonly LogEvent[];
  readonly query: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
  /** window_funnel: orders of ours for which the published levels hold. */
  readonly publishedEquals?: readonly string[];
  readonly productExpectation?: { readonly ordered?: Readonly<Record<string, number>> };
}

/** A random funnel with ClickHouse's answers, one a line. */
interface FuzzCase {
  readonly id: string;
  readonly order: string;
  readonly steps: readonly (string | readonly string[])[];
  readonly windowSeconds: number;
  readonly events: readonly (readonly [actor: string, event: string, seconds: number])[];
  readonly levels: Readonly<Record<string, number>>;
  readonly counts: readonly number[];
}

/** `kind` is the file's name. */
export function readCases(folder: string): ConformanceCase[] {
  const directory = path.join(folder, 'cases');
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .toSorted()
    .flatMap((file) => {
      const text = readFileSync(path.join(directory, file), 'utf8');
      const kind = file.replace(/\.jsonl?$/, '');
      if (file.endsWith('.json')) return (JSON.parse(text) as ConformanceCase[]).map((c) => ({ ...c, kind }));
      if (!file.endsWith('.jsonl')) return [];
      const lines = text.split('\n').filter((line) => line.trim() !== '');
      return lines.map((line) => ({ ...fromFuzz(JSON.parse(line) as FuzzCase), kind }));
    });
}

function fromFuzz(fuzz: FuzzCase): Omit<ConformanceCase, 'kind'> {
  return {
    id: fuzz.id,
    timezone: 'UTC',
    events: fuzz.events.map(([actor, event, seconds]) => ({ actor, event, time: seconds * 1000 })),
    query: {
      type: 'funnel',
      order: fuzz.order,
      steps: fuzz.steps.map((step) => (typeof step === 'string' ? toStep(step) : { anyOf: step.map(toStep) })),
      window: { value: fuzz.windowSeconds, unit: 'second' },
    },
    expected: { levels: fuzz.levels, steps: fuzz.counts.map((count) => ({ count })) },
  };
}

/** `*` is any event. */
const toStep = (name: string): { event: string | null } => ({ event: name === '*' ? null : name });
