import { lazy, type ComponentType } from 'react';
import { VIEWS, type View } from '../../../protocol/index.ts';
import { whenIdle } from '../../stores/when-idle.ts';

/**
 * A component whose code is fetched on demand. React shows what it had to wait for 300 ms later than it could, so that
 * nothing flickers; what is here already is better not waited for at all.
 */
export interface OnDemand {
  readonly fetch: () => Promise<ComponentType>;
  /** Stays the same for as long as it is mounted when kept in a state or memo. */
  readonly get: () => ComponentType;
}
export function onDemand(load: () => Promise<ComponentType>): OnDemand {
  let here: ComponentType | null = null;
  const fetch = async (): Promise<ComponentType> => (here ??= await load());
  const Lazy = lazy(async () => ({ default: await fetch() }));
  return { fetch, get: () => here ?? Lazy };
}

/** Each view is fetched when it is first looked at, or when there is nothing else to do. */
export const VIEW: Readonly<Record<View, OnDemand>> = {
  overview: onDemand(async () => (await import('../overview/OverviewView.tsx')).OverviewView),
  funnel: onDemand(async () => (await import('../funnel/FunnelView.tsx')).FunnelView),
  flow: onDemand(async () => (await import('../flow/FlowView.tsx')).FlowView),
  journey: onDemand(async () => (await import('../journey/JourneyView.tsx')).JourneyView),
  retention: onDemand(async () => (await import('../retention/RetentionView.tsx')).RetentionView),
  rollups: onDemand(async () => (await import('../rollups/RollupsView.tsx')).RollupsView),
  compare: onDemand(async () => (await import('../compare/CompareView.tsx')).CompareView),
  live: onDemand(async () => (await import('../live/LiveView.tsx')).LiveView),
  sql: onDemand(async () => (await import('../sql/SqlView.tsx')).SqlView),
  data: onDemand(async () => (await import('../data/DataView.tsx')).DataView),
};

/** Beforehand; one that cannot be fetched now says so when it is looked at. */
export const prefetch = (wanted: OnDemand): Promise<unknown> => wanted.fetch().catch(() => undefined);

export async function prefetchViews(signal: AbortSignal): Promise<void> {
  for (const view of VIEWS) {
    await whenIdle();
    if (signal.aborted) return;
    await prefetch(VIEW[view]);
  }
}
