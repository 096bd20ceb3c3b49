import { create } from 'zustand';
import { EngineError, toErrorData, type ErrorData } from '../../protocol/index.ts';
import { engine } from '../engine/client.ts';
import { useSession } from './session.ts';

/** How many events came with one look at the source. `at` in ms since the epoch, `events` since the look before. */
export interface Arrival {
  readonly at: number;
  readonly events: number;
}
interface LiveState {
  /** `paused`: looks go on, so that one knows that there is more; what is on the screen stays. */
  readonly mode: 'off' | 'following' | 'paused';
  /** Of the last minutes, oldest first; looks that found nothing are there too. */
  readonly arrivals: readonly Arrival[];
  /** Since following began. */
  readonly newEvents: number;
  readonly startedAt: number;
  /** Paused, and the source has more than is shown. */
  readonly isBehind: boolean;
  /** Why following ended by itself. */
  readonly error: ErrorData | null;
  readonly start: () => void;
  readonly pause: () => void;
  /** Goes on, and catches up at once. */
  readonly resume: () => void;
  readonly stop: () => void;
}

const LOOK_MS = 1_000;
/** A source that is written to all the time may change under the reader's hand so many times running. */
const MOST_MISSES = 20;
export const KEPT_MS = 120_000;
/** A look that takes long is repeated less often: the machine is for the questions. */
const REST_SHARE = 2;

let timer: ReturnType<typeof setTimeout> | undefined;
/** Looks of an earlier start say nothing any more. */
let round = 0;
let misses = 0;
/** Until it is, a change of the source is an error to every answer. */
let isFollowed = false;

/** Looks at the source every second and puts what is new in the place of what is open. */
export const useLive = create<LiveState>()((set, get) => {
  const note = (events: number): void => {
    const at = Date.now();
    const arrivals = [...get().arrivals.filter((arrival) => arrival.at > at - KEPT_MS), { at, events }];
    set({ arrivals, newEvents: get().newEvents + events });
  };
  const end = (error: ErrorData): void => {
    round++;
    clearTimeout(timer);
    set({ mode: 'off', error, isBehind: false });
  };
  const look = async (mine: number): Promise<void> => {
    const startedAt = performance.now();
    try {
      const { source } = useSession.getState();
      if (source === null) return end(NOTHING_OPEN.toData());
      const isChanged = isFollowed && (await hasChanged(source.sourceId));
      if (mine !== round) return;
      if (isChanged && get().mode === 'paused') set({ isBehind: true });
      else note(isFollowed && !isChanged ? 0 : await takeNew(source.events));
      isFollowed = true;
      misses = 0;
    } catch (thrown) {
      const error = toErrorData(thrown);
      const isMissed =
        error.code === 'E_SOURCE_CHANGED' && ++misses < MOST_MISSES && !(thrown instanceof SourceReplaced);
      if (mine === round && !isMissed) end(error);
    }
    if (mine !== round) return;
    const tookMs = performance.now() - startedAt;
    timer = setTimeout(() => void look(mine), Math.max(LOOK_MS - tookMs, REST_SHARE * tookMs));
  };
  const lookNow = (): void => {
    clearTimeout(timer);
    void look(++round);
  };
  return {
    mode: 'off',
    arrivals: [],
    newEvents: 0,
    startedAt: 0,
    isBehind: false,
    error: null,
    start: () => {
      set({ mode: 'following', arrivals: [], newEvents: 0, startedAt: Date.now(), isBehind: false, error: null });
      isFollowed = false;
      lookNow();
    },
    pause: () => set({ mode: 'paused' }),
    resume: () => {
      set({ mode: 'following', isBehind: false });
      lookNow();
    },
    stop: () => {
      if (get().mode === 'off') return;
      round++;
      clearTimeout(timer);
      set({ mode: 'off', isBehind: false });
      // A change is an error again; where there is one already, it is said when the window is next looked at.
      void useSession
        .getState()
        .follow(false)
        .catch(() => undefined);
    },
  };
});

const NOTHING_OPEN = new EngineError('E_USAGE', 'Nothing is open any more.', { hint: 'Open a source.' });

async function hasChanged(sourceId: string): Promise<boolean> {
  try {
    await engine.checkSource(sourceId);
    return false;
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.code === 'E_SOURCE_CHANGED') return true;
    throw thrown;
  }
}

/** How many events more there are. Throws E_SOURCE_CHANGED for a source that has fewer than before: it is another one. */
async function takeNew(before: number): Promise<number> {
  const source = await useSession.getState().follow();
  if (source === null) return 0;
  if (source.events >= before) return source.events - before;
  throw new SourceReplaced();
}

class SourceReplaced extends EngineError {
  constructor() {
    super('E_SOURCE_CHANGED', 'The source was replaced: it has fewer events than before.', {
      hint: 'All answers are those of the new one now. Follow again if that is what you want.',
    });
  }
}

// Another source is another stream.
useSession.subscribe(({ source: now }, { source: before }) => {
  if (now === null || (before !== null && JSON.stringify(now.ref) !== JSON.stringify(before.ref)))
    useLive.getState().stop();
});
