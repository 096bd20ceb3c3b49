import type { FunnelQuery } from '../../protocol/index.ts';
import type { ComputeContext } from './compute-module.ts';
import { getStepName } from './funnel-steps.ts';
import type { FunnelRunner } from './funnel-runner.ts';
import type { Attempt, StepPlan } from './step-match.ts';
import type { StepStream } from './step-match-stream.ts';

interface Tried {
  readonly attempts: number;
  readonly voidAttempts: number;
}

/** One or two sentences: how far the actor came, and what kept it from the next step. */
export function explainReason(context: ComputeContext, runner: FunnelRunner, query: FunnelQuery, tried: Tried): string {
  const { deepest, plan } = runner;
  const names = query.steps.map((step, k) => `step ${k + 1} (${getStepName(step, k)})`);
  if (deepest.level === plan.stepCount) return `Reached all ${plan.stepCount} steps${timeTaken(deepest)}.`;
  if (tried.attempts === 0)
    return plan.order === 'unordered'
      ? 'No event inside the range and filters fits any step.'
      : `No event inside the range and filters fits ${names[0]}.`;
  const voided = tried.voidAttempts === 0 ? '' : ` ${voidText(tried)}`;
  if (deepest.level === 0) return `Did not enter.${voided}`;
  if (plan.order === 'unordered') return `Did ${deepest.level} of ${plan.stepCount} steps${inWindow(plan)}.${voided}`;
  const missing = plan.required.find((k) => k >= deepest.level) ?? deepest.level;
  const why =
    plan.order === 'strict'
      ? strictText(context, runner, names[missing])
      : missingText(runner, missing, names[missing]);
  return `Stopped after ${names[deepest.level - 1]}: ${why}.${voided}`;
}

const voidText = ({ attempts, voidAttempts }: Tried): string =>
  `An excluded event voided ${voidAttempts === attempts ? 'every attempt' : `${voidAttempts} of ${attempts} attempts`}.`;

const inWindow = ({ windowMs }: StepPlan): string => (Number.isFinite(windowMs) ? ' inside one window' : '');

function timeTaken({ times, start }: Attempt): string {
  const last = times.reduce((latest, time) => (time > latest ? time : latest), start);
  return ` in ${formatSpan(last - start)}`;
}

function strictText({ segment }: ComputeContext, { deepest, stream, plan }: FunnelRunner, missing = ''): string {
  const next = Math.max(...deepest.events) + 1;
  if (next >= stream.count) return `no event follows it, so ${missing} is missing`;
  const name = segment.eventNames[segment.types[stream.events[next] ?? 0] ?? 0] ?? '';
  const late = (stream.times[next] ?? 0) > deepest.start + plan.windowMs;
  return late
    ? `the next event (${name}) came after the window had closed`
    : `the next event was ${name}, not ${missing}`;
}

function missingText({ deepest, stream, plan }: FunnelRunner, step: number, name = ''): string {
  const after = deepest.times.reduce((latest, time) => (time > latest ? time : latest), deepest.start);
  const next = findStep(stream, deepest, step, after);
  if (next === -1) return `no later event fits ${name}`;
  const late = (stream.times[next] ?? 0) - (deepest.start + plan.windowMs);
  return `${name} came ${formatSpan(late)} after the window had closed`;
}

/** First event from a time on that may fill a step and fills none yet. */
function findStep(stream: StepStream, attempt: Attempt, step: number, from: number): number {
  for (let i = 0; i < stream.count; i++)
    if ((stream.times[i] ?? 0) >= from && (((stream.masks[i] ?? 0) >>> step) & 1) === 1 && !attempt.events.includes(i))
      return i;
  return -1;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** The two largest units that are not zero: `3 d 4 h`. */
function formatSpan(ms: number): string {
  let rest = Math.round(ms);
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 && parts.length < 2) parts.push(`${count} ${unit}`);
  }
  return parts.length === 0 ? '0 s' : parts.join(' ');
}
