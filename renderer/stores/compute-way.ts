import { create } from 'zustand';
import { computeChoice, type ComputeWay } from '../engine/compute-choice.ts';
import { useAskAgain } from './answers.ts';

interface ComputeWayState {
  readonly way: ComputeWay;
  /** Of all servers in this window; what is on the screen is asked again. */
  readonly setWay: (way: ComputeWay) => void;
}

/** Where analyses of servers are computed: by the rows to move, here, or there. */
export const useComputeWay = create<ComputeWayState>()((set) => ({
  way: computeChoice.way,
  setWay: (way) => {
    computeChoice.way = way;
    set({ way });
    useAskAgain.getState().askAgain();
  },
}));
