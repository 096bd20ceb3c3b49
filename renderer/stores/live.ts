import { create } from 'zustand';
import { EngineError, isUnreachable, toErrorData, type ErrorData, type SourceWatch } from '../../protocol/index.ts';
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
  /** How changes are noticed; null = not looked yet. */
  readonly watch: Pick<SourceWatch, 'way' | 'everyMs'> | null;
  /** The server does not answer; following goes on when it does. */
  readonly isAway: boolean;
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
/** What takes long to fetch is fetched less often: the machine is for the questions. */
const REST_SHARE = 2;

let timer: ReturnType<typeof setTimeout> | undefined;
/** Looks of an earlier start say nothing any more. */
let round = 0;
let misses = 0;
/** Until it is, a change of the source is an error to every answer. */
let isFollowed = false;

/** Waits for changes of the source and puts what is new in the place of what is open. */
export const useLive = create<LiveState>()((set, get) => {
  const note = (events: number): void => {
    const at = Date.now();
    const arrivals = [...get().arrivals.filter((arrival) => arrival.at > at - KEPT_MS), { at, events }];
    set({ arrivals, newEvents: get().newEvents + events });
  };
  const end = (error: ErrorData): void => {
    round++;
    clearTimeout(timer);
    set({ mode: 'off', error, isBehind: false, isAway: false });
  };
  const look = async (mine: number): Promise<void> => {
    let restMs = 0;
    try {
      const { source } = useSession.getState();
      if (source === null) return end(NOTHING_OPEN.toData());
      const isChanged = isFollowed && (await hasChanged(source.sourceId));
      if (mine !== round) return;
      const startedAt = performance.now();
      if (isChanged && get().mode === 'paused') set({ isBehind: true });
      else note(isFollowed && !isChanged ? 0 : await takeNew(source.events));
      restMs = get().isBehind ? LOOK_MS : REST_SHARE * (performance.now() - startedAt);
      isFollowed = true;
      misses = 0;
      set({ isAway: false });
    } catch (thrown) {
      const error = toErrorData(thrown);
      const isMissed =
        error.code === 'E_SOURCE_CHANGED' && ++misses < MOST_MISSES && !(thrown instanceof SourceReplaced);
      const isAway = isUnreachable(error.code);
      if (mine === round && isAway) set({ isAway });
      else if (mine === round && !isMissed) end(error);
      restMs = LOOK_MS;
    }
    if (mine === round) timer = setTimeout(() => void look(mine), restMs);
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
    watch: null,
    isAway: false,
    error: null,
    start: () => {
      const fresh = { arrivals: [], newEvents: 0, startedAt: Date.now(), isBehind: false, isAway: false, error: null };
      set({ mode: 'following', watch: null, ...fresh });
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
      set({ mode: 'off', isBehind: false, isAway: false });
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
  const { changed, ...watch } = await engine.watch(sourceId, LOOK_MS);
  useLive.setState({ watch });
  return changed;
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
