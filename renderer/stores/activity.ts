import { create } from 'zustand';
import type { EngineStatus, Timing } from '../../protocol/index.ts';
import { onActivity, type Activity } from '../engine/activity.ts';
import { engine } from '../engine/client.ts';

interface ActivityState {
  /** Requests under way, oldest first. */
  readonly running: readonly Activity[];
  /** Of the last answer shown. `cached` = it was here already. */
  readonly lastAnswer: {
    readonly timing: Timing;
    readonly rowsRead: number;
    readonly partitionsRead: number;
    readonly threads: number;
    readonly cached: boolean;
  } | null;
  /** As the engine said last; asked again whenever it has come to rest. */
  readonly engineStatus: EngineStatus | null;
  readonly setLastAnswer: (answer: ActivityState['lastAnswer']) => void;
}

/** After this long without work the engine's status is asked. */
const REST_MS = 300;

export const useActivity = create<ActivityState>()((set) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  onActivity((running) => {
    set({ running });
    clearTimeout(timer);
    if (running.length > 0) return;
    timer = setTimeout(askStatus, REST_MS);
  });
  return { running: [], lastAnswer: null, engineStatus: null, setLastAnswer: (lastAnswer) => set({ lastAnswer }) };
});

export function askStatus(): void {
  engine.status().then(
    (engineStatus) => useActivity.setState({ engineStatus }),
    () => useActivity.setState({ engineStatus: null }),
  );
}
