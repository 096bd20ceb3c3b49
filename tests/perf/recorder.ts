import type { Page } from '@playwright/test';

/** What one drag showed. Times in ms. */
export interface DragRecord {
  /** From each pointer event that changed the question to the frame in which its answer, or a newer one, was painted. */
  readonly latencies: readonly number[];
  /** Pointer events whose question was never answered (0 when all is well). */
  readonly unanswered: number;
  /** Frames in which an answer was painted. */
  readonly draws: number;
  readonly longTasks: readonly LongTask[];
  /** Time between frames while the hand moved. */
  readonly frames: readonly number[];
}
export interface LongTask {
  readonly at: number;
  readonly duration: number;
}

/**
 * Installed in the page: notes pointer events, frames, long tasks, and the moment an answer is painted. An answer on
 * the screen says by `data-move` which pointer event it answers (its `timeStamp`).
 */
export async function startRecording(page: Page): Promise<void> {
  await page.evaluate(() => {
    interface State {
      moves: { at: number; value: string | null }[];
      drawn: { move: number; paintedAt: number }[];
      long: { at: number; duration: number }[];
      frames: number[];
      stop: () => void;
    }
    const state: State = { moves: [], drawn: [], long: [], frames: [], stop: () => undefined };
    (globalThis as { __record?: State }).__record = state;
    const strip = document.querySelector('[aria-label="Time"]');
    const valueOf = (): string =>
      [...(strip?.querySelectorAll('[role=slider]') ?? [])].map((s) => s.getAttribute('aria-valuenow')).join();
    const onMove = (event: PointerEvent): void => {
      const move: State['moves'][number] = { at: event.timeStamp, value: null };
      state.moves.push(move);
      // After the window's own handlers and what they render.
      requestAnimationFrame(() => (move.value = valueOf()));
    };
    addEventListener('pointermove', onMove, { capture: true });
    let seen = -1;
    const onChange = (): void => {
      const move = Math.max(
        -1,
        ...[...document.querySelectorAll<HTMLElement>('[data-move]')].map((e) => Number(e.dataset['move'])),
      );
      if (move <= seen) return;
      seen = move;
      // A message posted inside a frame is delivered after it has been painted.
      const note = (): void => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => state.drawn.push({ move, paintedAt: performance.now() });
        port2.postMessage(null);
      };
      if (inFrame) note();
      else requestAnimationFrame(note);
    };
    const changes = new MutationObserver(onChange);
    changes.observe(document.body, {
      subtree: true,
      attributes: true,
      attributeFilter: ['data-move'],
      childList: true,
    });
    const long = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) state.long.push({ at: entry.startTime, duration: entry.duration });
    });
    long.observe({ type: 'longtask' });
    let last = performance.now();
    let running = true;
    /** What is changed now is painted in this frame. */
    let inFrame = false;
    const ended = new MessageChannel();
    ended.port1.onmessage = () => (inFrame = false);
    // Asked for a frame before, so before all that the window does in this one.
    const frame = (now: number): void => {
      inFrame = true;
      ended.port2.postMessage(null);
      state.frames.push(now - last);
      last = now;
      if (running) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    state.stop = () => {
      running = false;
      removeEventListener('pointermove', onMove, { capture: true });
      changes.disconnect();
      long.disconnect();
    };
  });
}

export async function stopRecording(page: Page): Promise<DragRecord> {
  return page.evaluate(() => {
    const state = (
      globalThis as unknown as {
        __record: {
          moves: { at: number; value: string | null }[];
          drawn: { move: number; paintedAt: number }[];
          long: { at: number; duration: number }[];
          frames: number[];
          stop: () => void;
        };
      }
    ).__record;
    state.stop();
    const changed = state.moves.filter((move, i) => i === 0 || move.value !== state.moves[i - 1]?.value);
    const painted = changed.map((move) => state.drawn.find((d) => d.move >= move.at)?.paintedAt ?? null);
    return {
      latencies: painted.flatMap((at, i) => (at === null ? [] : [at - (changed[i]?.at ?? 0)])),
      unanswered: painted.filter((at) => at === null).length,
      draws: state.drawn.length,
      longTasks: state.long,
      frames: state.frames,
    };
  });
}
