import { create } from 'zustand';
import type { Workspace } from '../../protocol/index.ts';
import { isMoving, useHand } from './hand.ts';
import { useWorkspace } from './workspace.ts';

/** What the workspace fills in for every analysis. */
export type Frame = Pick<Workspace, 'timezone' | 'range' | 'asOf' | 'knownAt'>;
export const getFrame = (): Frame => {
  const { timezone, range, asOf, knownAt } = useWorkspace.getState().document;
  return { timezone, range, asOf, knownAt };
};
export const isSameFrame = (a: Frame, b: Frame): boolean =>
  a.timezone === b.timezone && a.range === b.range && a.asOf === b.asOf && a.knownAt === b.knownAt;

/**
 * The workspace's frame, for all but the strip and the answers: it stands still while a hand moves it, so that menus and
 * forms are not rendered at every step of a drag.
 */
export const useFrame = create<Frame>()(getFrame);

function follow(): void {
  if (!isMoving() && !isSameFrame(useFrame.getState(), getFrame())) useFrame.setState(getFrame());
}
useWorkspace.subscribe(follow);
useHand.subscribe(follow);
