import type { FunnelQuery } from '../../protocol/index.ts';
import { getTime, type ActorIndex, type EventIndex } from '../segment/segment.ts';
import type { ActorExplanation, ActorFacts, ComputeContext, EventMark } from './compute-module.ts';
import { explainReason } from './funnel-reason.ts';
import { FunnelRunner } from './funnel-runner.ts';
import { isInRange, isInStream } from './step-match-stream.ts';
import type { Attempt } from './step-match.ts';

/** Level and step times of the chosen attempt, for actor lists. */
export function describeFunnelActors(
  context: ComputeContext,
  query: FunnelQuery,
  actors: Uint32Array,
): readonly ActorFacts[] {
  const runner = new FunnelRunner(context, query);
  return Array.from(actors, (actor, i) => {
    if (i % 256 === 0) context.checkpoint(i);
    const { level, times, events } = runner.load(actor);
    const stepTimes = query.steps.map((_, k) => (level > k && events[k] !== -1 ? (times[k] ?? null) : null));
    return { level, stepTimes };
  });
}

/** "Why not counted?": the attempt chosen, what voided others, what was ignored. */
export function explainFunnel(context: ComputeContext, query: FunnelQuery, actor: ActorIndex): ActorExplanation {
  const runner = new FunnelRunner(context, query);
  const attempt = runner.load(actor);
  const marks = new Map<EventIndex, EventMark>();
  markIgnored(context, runner, actor, marks);
  const tried = markVoid(runner, marks);
  markSteps(runner, attempt, marks);
  const hasWindow = attempt.level > 0 && Number.isFinite(runner.plan.windowMs);
  return {
    marks,
    funnel: {
      level: attempt.level,
      ...tried,
      windowEndsAt: hasWindow ? attempt.start + runner.plan.windowMs : null,
      reason: explainReason(context, runner, query, tried),
    },
  };
}

function markIgnored(
  { segment }: ComputeContext,
  { plan }: FunnelRunner,
  actor: ActorIndex,
  marks: Map<EventIndex, EventMark>,
): void {
  for (let event = segment.offsets[actor] ?? 0; event < (segment.offsets[actor + 1] ?? 0); event++)
    if (!isInRange(plan, getTime(segment, event)) || !isInStream(plan, segment, event))
      marks.set(event, { ignored: true });
}

function markVoid(
  { match, stream }: FunnelRunner,
  marks: Map<EventIndex, EventMark>,
): { attempts: number; voidAttempts: number } {
  let attempts = 0;
  let voidAttempts = 0;
  match(stream, (attempt) => {
    attempts++;
    if (attempt.voidedBy === -1) return true;
    voidAttempts++;
    marks.set(stream.events[attempt.voidedAt] ?? 0, { exclusion: attempt.voidedBy });
    return true;
  });
  return { attempts, voidAttempts };
}

function markSteps({ stream }: FunnelRunner, attempt: Attempt, marks: Map<EventIndex, EventMark>): void {
  for (let k = 0; k < attempt.level; k++) {
    const index = attempt.events[k] ?? -1;
    if (index === -1) continue;
    const event = stream.events[index] ?? 0;
    marks.set(event, { ...marks.get(event), step: attempt.steps[k] ?? k });
  }
}
