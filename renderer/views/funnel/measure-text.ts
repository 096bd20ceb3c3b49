let context: CanvasRenderingContext2D | null = null;
const widths = new Map<string, number>();

/** Width in px of a text in our type; `font` is weight and size, e.g. `600 13px`. */
export function measureText(text: string, font: string): number {
  const key = `${font}|${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  context ??= document.createElement('canvas').getContext('2d');
  if (context === null) return text.length * 7;
  context.font = `${font} 'Inter Variable', system-ui, sans-serif`;
  const { width } = context.measureText(text);
  if (widths.size > 5000) widths.clear();
  // A font that is still loading would be measured as another one for ever.
  if (document.fonts.status === 'loaded') widths.set(key, width);
  return width;
}
