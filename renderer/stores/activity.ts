import { create } from 'zustand';
import type { Timing } from '../../protocol/index.ts';
import { onActivity, type Activity } from '../engine/activity.ts';

interface ActivityState {
  /** Requests under way, oldest first. */
  readonly running: readonly Activity[];
  /** Of the last answer shown. `cached` = it was here already. */
  readonly lastAnswer: {
    readonly timing: Timing;
    readonly rowsRead: number;
    readonly threads: number;
    readonly cached: boolean;
  } | null;
  readonly setLastAnswer: (answer: ActivityState['lastAnswer']) => void;
}

export const useActivity = create<ActivityState>()((set) => {
  onActivity((running) => set({ running }));
  return { running: [], lastAnswer: null, setLastAnswer: (lastAnswer) => set({ lastAnswer }) };
});
