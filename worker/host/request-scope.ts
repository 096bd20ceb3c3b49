import type { OnProgress, Progress } from '../../protocol/index.ts';
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

/**
 * One running request: its shared control, its deadline, its progress. `stopped` rejects the moment a stop is asked,
 * so the caller is answered at once while the threads end at their next checkpoint.
 */
export class RequestScope {
  readonly requestId: string;
  readonly control: Control = createControl();
  readonly stopped: Promise<never>;
  readonly startedAt = performance.now();
  #reject: (error: unknown) => void = () => {};
  #deadline: NodeJS.Timeout | null = null;
  #ticker: NodeJS.Timeout | null = null;
  #phase: Pick<Progress, 'phase' | 'unit' | 'total'> | null = null;
  #phaseStartedAt = 0;
  #lastDone = -1;
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

  /** Tasks of the phase count in slots of the control. */
  begin(phase: Progress['phase'], unit: Progress['unit'], total: number | null): void {
    resetDone(this.control);
    this.#phase = { phase, unit, total };
    this.#phaseStartedAt = performance.now();
    this.#lastDone = -1;
  }

  end(): void {
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    if (this.#ticker !== null) clearInterval(this.#ticker);
  }

  #tick(): void {
    if (this.#phase === null || isStopped(this.control)) return;
    const counted = getDone(this.control);
    if (counted === this.#lastDone) return;
    this.#lastDone = counted;
    // Totals are estimates of the source: never show more than all.
    const done = this.#phase.total === null ? counted : Math.min(counted, this.#phase.total);
    const seconds = (performance.now() - this.#phaseStartedAt) / 1000;
    const perSecond = seconds > 0 ? done / seconds : 0;
    const etaMs =
      this.#phase.total === null || perSecond === 0 ? null : ((this.#phase.total - done) / perSecond) * 1000;
    this.#send({
      requestId: this.requestId,
      ...this.#phase,
      done,
      perSecond: Math.round(perSecond),
      etaMs: etaMs === null ? null : Math.round(etaMs),
    });
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
