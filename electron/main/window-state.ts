import { join } from 'node:path';
import { z } from 'zod';
import { JsonStore } from '../../worker/files/json-store.ts';

/** Where the window was. Bounds are those of the normal window, in device-independent pixels. */
const WindowStateSchema = z.strictObject({
  bounds: z.strictObject({ x: z.int(), y: z.int(), width: z.int().min(1), height: z.int().min(1) }).nullable(),
  maximized: z.boolean(),
});
export type WindowState = z.output<typeof WindowStateSchema>;
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function openWindowState(dataDir: string): JsonStore<WindowState> {
  return new JsonStore(join(dataDir, 'window.json'), WindowStateSchema, () => ({ bounds: null, maximized: false }));
}

export const MIN_SIZE = { width: 800, height: 560 } as const;
const DEFAULT_SIZE = { width: 1440, height: 900 } as const;
/** This much of the title bar must be on a screen, or the window could not be moved. */
const VISIBLE = 80;

/** The remembered place if a screen still shows it, else centred (no x and y) and no larger than the first screen. */
export function placeWindow(
  bounds: Rectangle | null,
  screens: readonly Rectangle[],
): { x?: number; y?: number; width: number; height: number } {
  if (bounds !== null && screens.some((screen) => showsTitleBar(screen, bounds))) return { ...bounds };
  const [first] = screens;
  return {
    width: Math.min(DEFAULT_SIZE.width, first?.width ?? DEFAULT_SIZE.width),
    height: Math.min(DEFAULT_SIZE.height, first?.height ?? DEFAULT_SIZE.height),
  };
}

function showsTitleBar(screen: Rectangle, { x, y, width }: Rectangle): boolean {
  const overlap = Math.min(screen.x + screen.width, x + width) - Math.max(screen.x, x);
  return overlap >= VISIBLE && y >= screen.y - 10 && y <= screen.y + screen.height - 30;
}
