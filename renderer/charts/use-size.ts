import { useLayoutEffect, useState, type RefObject } from 'react';

/** Size of an element in whole px, followed as it changes; null before the first measure. */
export function useSize(
  host: RefObject<HTMLElement | null>,
): { readonly width: number; readonly height: number } | null {
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return;
    const measure = (): void => {
      const next = { width: Math.floor(element.clientWidth), height: Math.floor(element.clientHeight) };
      setSize((old) => (old?.width === next.width && old.height === next.height ? old : next));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [host]);
  return size;
}

let context: CanvasRenderingContext2D | null | undefined;
const widths = new Map<string, number>();
/** Width in px of a text at 12 px in the window's font. */
export function getTextWidth(text: string): number {
  const known = widths.get(text);
  if (known !== undefined) return known;
  context ??= document.createElement('canvas').getContext('2d');
  if (context === null) return text.length * 6.6;
  context.font = "500 12px 'Inter Variable', Inter, sans-serif";
  const { width } = context.measureText(text);
  if (widths.size > 5000) widths.clear();
  widths.set(text, width);
  return width;
}
