import { expect, test, vi } from 'vitest';
import { beginGesture, endGesture } from './gesture.ts';
import { moveHand, restHand } from './hand.ts';
import { whenIdle } from './when-idle.ts';

/** Long enough for several looks. */
const WHILE_MS = 700;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
function watchIdle() {
  const idle = vi.fn<() => void>();
  void whenIdle().then(idle);
  return idle;
}

test('a pressed pointer keeps what is fetched beforehand waiting', async () => {
  beginGesture();
  const idle = watchIdle();
  await pause(WHILE_MS);
  expect(idle).not.toHaveBeenCalled();
  endGesture();
  await vi.waitFor(() => expect(idle).toHaveBeenCalled(), 5_000);
});

test('so does a hand that moves, and for a while one that has just let go', async () => {
  moveHand(performance.now());
  const idle = watchIdle();
  restHand();
  await pause(WHILE_MS);
  expect(idle).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(idle).toHaveBeenCalled(), 5_000);
});
