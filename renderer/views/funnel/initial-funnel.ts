import { FunnelSchema, type FunnelQuery, type Vocabulary } from '../../../protocol/index.ts';

const SHOP_STEPS = ['account_created', 'shop_created', 'payment_succeeded'] as const;

/**
 * Where a funnel begins before anyone has touched it: the journey of our own model, else from the event type that most
 * actors have. (One step draws, and the editor asks for the next.)
 */
export function getInitialFunnel(vocabulary: Vocabulary | null): FunnelQuery {
  const events = vocabulary?.events ?? [];
  const names = new Set(events.map((e) => e.name));
  const known = SHOP_STEPS.every((name) => names.has(name));
  const [widest] = events.toSorted((a, b) => b.actors - a.actors);
  const steps = known ? SHOP_STEPS.map((event) => ({ event })) : [{ event: widest?.name ?? null }];
  return FunnelSchema.parse({ type: 'funnel', steps, window: { value: 30, unit: 'day' } });
}
