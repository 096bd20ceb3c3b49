import { useRef, useState, type KeyboardEvent, type PointerEvent, type RefObject } from 'react';

/**
 * Place in a list that a pointer at `y` means for the item dragged from `from`; `middles` are the middles of all
 * items before the drag. `getDropPlace(0, 50, [10, 30, 70])` = 1: it has passed the middle of item 1 only.
 */
export function getDropPlace(from: number, y: number, middles: readonly number[]): number {
  const above = middles.filter((middle, i) => i !== from && middle < y).length;
  return Math.min(middles.length - 1, above);
}

export interface Drag {
  readonly from: number;
  readonly to: number;
}
export interface Reorder {
  readonly drag: Drag | null;
  readonly handleProps: (index: number) => {
    onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    onPointerUp: () => void;
    onPointerCancel: () => void;
  };
  /** Alt+↑ and Alt+↓ move; Escape drops a drag where it came from. */
  readonly onKeyDown: (index: number, event: KeyboardEvent) => void;
}

/** Drag of list items by a handle, with its keyboard twin. `list` holds the items as its children marked `data-item`. */
export function useReorder(
  list: RefObject<HTMLElement | null>,
  count: number,
  onMove: (from: number, to: number) => void,
): Reorder {
  const [drag, setDrag] = useState<Drag | null>(null);
  const middles = useRef<readonly number[]>([]);
  const measure = (): readonly number[] =>
    [...(list.current?.querySelectorAll(':scope > [data-item]') ?? [])].map((item) => {
      const box = item.getBoundingClientRect();
      return box.top + box.height / 2;
    });
  return {
    drag,
    handleProps: (index) => ({
      onPointerDown: (event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        middles.current = measure();
        setDrag({ from: index, to: index });
      },
      onPointerMove: (event) => {
        if (drag !== null) setDrag({ from: drag.from, to: getDropPlace(drag.from, event.clientY, middles.current) });
      },
      onPointerUp: () => {
        if (drag !== null && drag.from !== drag.to) onMove(drag.from, drag.to);
        setDrag(null);
      },
      onPointerCancel: () => setDrag(null),
    }),
    onKeyDown: (index, event) => {
      if (event.key === 'Escape' && drag !== null) {
        event.stopPropagation();
        setDrag(null);
      }
      if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
      event.preventDefault();
      const to = index + (event.key === 'ArrowUp' ? -1 : 1);
      if (to >= 0 && to < count) onMove(index, to);
    },
  };
}
