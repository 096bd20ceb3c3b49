import {
  FunnelSchema,
  type FunnelQuery,
  type Interval,
  type SourceInfo,
  type Vocabulary,
} from '../../../protocol/index.ts';

const SHOP_STEPS = ['account_created', 'shop_created', 'payment_succeeded'] as const;

/**
 * Where a funnel begins before anyone has touched it: the journey of our own model, else from the event type that most
 * actors have. (One step draws, and the editor asks for the next.)
 */
export function getInitialFunnel(vocabulary: Vocabulary | null, source: Span | null): FunnelQuery {
  const events = vocabulary?.events ?? [];
  const names = new Set(events.map((e) => e.name));
  const known = SHOP_STEPS.every((name) => names.has(name));
  const [widest] = events.toSorted((a, b) => b.actors - a.actors);
  const steps = known ? SHOP_STEPS.map((event) => ({ event })) : [{ event: widest?.name ?? null }];
  return FunnelSchema.parse({
    type: 'funnel',
    steps,
    window: { value: 30, unit: 'day' },
    interval: getInterval(source),
  });
}

type Span = Pick<SourceInfo, 'firstTime' | 'lastTime'>;
const DAY_MS = 86_400_000;
/** Few enough periods to read a trend: some 10 to 60 of them. */
function getInterval(source: Span | null): Interval {
  const days = ((source?.lastTime ?? 0) - (source?.firstTime ?? 0)) / DAY_MS;
  if (days > 365) return 'month';
  if (days > 60) return 'week';
  return days > 3 ? 'day' : 'hour';
}
