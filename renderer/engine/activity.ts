import type { Progress } from '../../protocol/index.ts';

/** A request under way, for the status bar. */
export interface Activity {
  readonly requestId: string;
  readonly label: string;
  /** `performance.now()` at the start. */
  readonly startedAt: number;
  readonly progress: Progress | null;
  readonly cancel: () => void;
}

const running = new Map<string, Activity>();
const listeners = new Set<(all: readonly Activity[]) => void>();
const tell = (): void => {
  const all = [...running.values()];
  for (const listener of listeners) listener(all);
};

export function onActivity(listener: (all: readonly Activity[]) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export interface ActivityHandle {
  readonly report: (progress: Progress) => void;
  readonly isRunning: () => boolean;
  readonly end: () => void;
}

export function beginActivity(start: Pick<Activity, 'requestId' | 'label' | 'cancel'>): ActivityHandle {
  running.set(start.requestId, { ...start, startedAt: performance.now(), progress: null });
  tell();
  return {
    isRunning: () => running.has(start.requestId),
    report(progress) {
      const activity = running.get(start.requestId);
      if (activity === undefined) return;
      running.set(start.requestId, { ...activity, progress });
      tell();
    },
    end() {
      running.delete(start.requestId);
      tell();
    },
  };
}
