import type { OnProgress, PlanSummary, Progress } from '../../protocol/index.ts';
import {
  CANCELLED,
  createControl,
  getDone,
  isStopped,
  OVERDUE,
  requestStop,
  resetDone,
  stopError,
  throwIfStopped,
  type Control,
  type StopReason,
} from './control.ts';

const TICK_MS = 100;
/** Speed is that of the last seconds: files are read from a cache at first, from a disk later. */
const SPEED_TICKS = 30;
/** Earlier an estimate of the rest would be a guess. */
const MIN_ETA_TICKS = 3;
/** Reading is most of a build: its share of the rows shown as done; arranging has the rest. */
const READING_SHARE = 0.94;
export const READING = [0, READING_SHARE] as const;
export const ARRANGING = [READING_SHARE, 1] as const;
/** From where to where a phase brings the whole work. */
export type WorkPart = readonly [from: number, to: number];
const ALL: WorkPart = [0, 1];

interface Phase extends Pick<Progress, 'phase' | 'unit' | 'total'> {
  readonly part: WorkPart;
  /** What tasks count up to in this phase alone. */
  readonly ownTotal: number | null;
}

/**
 * One running request: its shared control, its deadline, its progress. `stopped` rejects the moment a stop is asked,
 * so the caller is answered at once while the threads end at their next checkpoint.
 */
export class RequestScope {
  readonly requestId: string;
  readonly control: Control = createControl();
  readonly stopped: Promise<never>;
  readonly startedAt = performance.now();
  /** Told with the progress, once it is known. */
  plan: PlanSummary | null = null;
  #reject: (error: unknown) => void = () => {};
  #deadline: NodeJS.Timeout | null = null;
  #ticker: NodeJS.Timeout | null = null;
  #phase: Phase | null = null;
  #done = 0;
  /** Done at the last ticks, from the one before the first row. */
  #ticks: { readonly at: number; readonly done: number }[] = [];
  /** Its beginning was told. */
  #isBegun = false;
  readonly #onProgress: OnProgress | undefined;

  constructor(requestId: string, deadlineMs: number | null, onProgress: OnProgress | undefined) {
    this.requestId = requestId;
    this.#onProgress = onProgress;
    this.stopped = new Promise<never>((_resolve, reject) => (this.#reject = reject));
    this.stopped.catch(() => {});
    if (deadlineMs !== null) this.#deadline = setTimeout(() => this.stop(OVERDUE), Math.min(deadlineMs, 0x7fff_ffff));
    if (onProgress !== undefined) this.#ticker = setInterval(() => this.#tick(), TICK_MS);
  }

  stop(reason: StopReason = CANCELLED): void {
    if (isStopped(this.control)) return;
    requestStop(this.control, reason);
    this.#reject(stopError(reason));
  }

  throwIfStopped(): void {
    throwIfStopped(this.control);
  }

  /**
   * Tasks of the phase count up to `total` in slots of the control. A phase that is not the first part of its work goes
   * on counting in the rows of the first one, so that what is shown as done only grows.
   */
  begin(phase: Progress['phase'], unit: Progress['unit'], total: number | null, part: WorkPart = ALL): void {
    resetDone(this.control);
    const before = this.#phase;
    if (part[0] > 0 && before !== null) {
      this.#phase = { phase, unit: before.unit, total: before.total, part, ownTotal: total };
      return;
    }
    this.#phase = { phase, unit, total, part, ownTotal: total };
    this.#done = 0;
    this.#ticks = [{ at: performance.now(), done: 0 }];
    this.#isBegun = false;
  }

  end(): void {
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    if (this.#ticker !== null) clearInterval(this.#ticker);
  }

  #tick(): void {
    if (this.#phase === null || isStopped(this.control)) return;
    const done = Math.max(this.#done, this.#getDone(this.#phase));
    const tick = { at: performance.now(), done };
    this.#done = done;
    // Threads start, files are opened: that says nothing of the speed, and is told once.
    if (done > 0) this.#ticks = [...this.#ticks.slice(-SPEED_TICKS), tick];
    else {
      this.#ticks = [tick];
      if (this.#isBegun) return;
    }
    this.#isBegun = true;
    this.#send(this.#getProgress(this.#phase));
  }

  #getDone({ part: [from, to], total, ownTotal }: Phase): number {
    const counted = getDone(this.control);
    if (total === null || ownTotal === null) return counted;
    // Totals are estimates of the source: never show more than all.
    const share = ownTotal === 0 ? 1 : Math.min(1, counted / ownTotal);
    return Math.round(total * (from + (to - from) * share));
  }

  #getProgress({ phase, unit, total }: Phase): Progress {
    const first = this.#ticks[0] ?? { at: 0, done: 0 };
    const last = this.#ticks.at(-1) ?? first;
    const ms = last.at - first.at;
    const perMs = ms > 0 ? (last.done - first.done) / ms : 0;
    const isKnown = total !== null && perMs > 0 && this.#ticks.length > MIN_ETA_TICKS;
    return {
      requestId: this.requestId,
      phase,
      unit,
      total,
      done: last.done,
      perSecond: Math.ceil(perMs * 1000),
      etaMs: isKnown ? Math.round((total - last.done) / perMs) : null,
      ...(this.plan === null ? {} : { plan: this.plan }),
    };
  }

  /** The listener may be a proxy on a carrier that is already gone. */
  #send(progress: Progress): void {
    try {
      Promise.resolve(this.#onProgress?.(progress) as unknown).catch(() => {});
    } catch {
      this.end();
    }
  }
}
