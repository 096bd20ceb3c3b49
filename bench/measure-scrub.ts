import { DEFAULT_END, DEFAULT_MONTHS } from '../samples/generate-sample.ts';
import type { EngineClient } from './engine-client.ts';
import { DAY } from './question.ts';
import { getMedian } from './stats.ts';

/** A hand moving the moment of a journey. */
export interface ScrubTimes {
  /** The first step, which may prepare something. */
  readonly firstMs: number;
  readonly stepsMs: readonly number[];
  readonly medianMs: number;
  readonly p95Ms: number;
  /** A step by scan. */
  readonly scanMs: number;
}
const QUESTION = 'state-at';
const STEPS = 60;
const PERCENTILE = 0.95;

/** Moments spread over the sample, none twice. Every step's answer must equal that of a scan. Null without ours. */
export async function measureScrub(clients: readonly EngineClient[]): Promise<ScrubTimes | null> {
  const prepared = clients.find((client) => client.name === 'tributary');
  const scanning = clients.find((client) => client.name === 'tributary-scan');
  if (prepared === undefined || scanning === undefined) return null;
  const span = DEFAULT_MONTHS * 30 * DAY;
  const moments = Array.from({ length: STEPS }, (_, i) => DEFAULT_END - Math.round(((i + 0.5) / STEPS) * span));
  const steps = await prepared.scrub(QUESTION, moments);
  const scans = await scanning.scrub(QUESTION, moments);
  const differs = steps.findIndex((step, i) => step.digest !== scans[i]?.digest);
  if (differs !== -1)
    throw new Error(`Scrubbing and scanning differ at ${new Date(moments[differs] ?? 0).toISOString()}.`);
  const stepsMs = steps.slice(1).map((step) => step.ms);
  return {
    firstMs: steps[0]?.ms ?? Number.NaN,
    stepsMs,
    medianMs: getMedian(stepsMs),
    p95Ms: stepsMs.toSorted((a, b) => a - b)[Math.floor(PERCENTILE * stepsMs.length)] ?? Number.NaN,
    scanMs: getMedian(scans.slice(1).map((step) => step.ms)),
  };
}
