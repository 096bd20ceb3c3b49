import { whenIdle } from '../../../stores/when-idle.ts';
import type * as Editor from './SqlEditor.tsx';

/**
 * Monaco in slices: evaluated in one go it would keep the window from answering for longer than a frame or two. Each slice
 * evaluates what those before it have not; the last one is the editor itself.
 */
const SLICES: readonly (() => Promise<unknown>)[] = [
  () => import('./slices/model.ts'),
  () => import('./slices/widget.ts'),
  () => import('./slices/features.ts'),
];
type Pause = () => Promise<unknown>;
const nextTask: Pause = () => new Promise((resolve) => setTimeout(resolve));

async function load(pause: Pause): Promise<typeof Editor> {
  for (const slice of SLICES) {
    await slice();
    await pause();
  }
  return import('./SqlEditor.tsx');
}

export const loadEditor = (): Promise<typeof Editor> => load(nextTask);
/** Beforehand; what cannot be fetched now says so when it is needed. */
export const prefetchEditor = (): void =>
  void whenIdle()
    .then(() => load(whenIdle))
    .catch(() => undefined);
