import { toShare } from './strip-scale.ts';
import type { Span, StripBin } from './strip-bins.ts';

export interface StripPicture {
  readonly bins: readonly StripBin[];
  readonly domain: Span;
  /** CSS px; measured by the caller, because asking the canvas would lay out the page at every step of a drag. */
  readonly width: number;
  readonly height: number;
  readonly selected: Span;
  /** Nothing after this is known. */
  readonly asOf: number;
  readonly colors: { readonly bar: string; readonly off: string; readonly line: string };
}

/** Draws events per bin as bars from zero; what is outside the range or after as of is grey. Sizes in CSS px. */
export function drawStrip(canvas: HTMLCanvasElement, picture: StripPicture): void {
  const context = canvas.getContext('2d');
  const { bins, domain, selected, asOf, colors, width, height } = picture;
  if (context === null || width === 0) return;
  const scale = devicePixelRatio;
  const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
  // Setting a size, also the same, makes a new bitmap.
  if (canvas.width !== across) canvas.width = across;
  if (canvas.height !== down) canvas.height = down;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  const most = bins.reduce((max, bin) => Math.max(max, bin.rows), 1);
  const base = height - 1;
  const gap = bins.length > 0 && width / bins.length > 4 ? 1 : 0;
  for (const bin of bins) {
    if (bin.rows === 0) continue;
    const left = Math.max(0, toShare(bin.from, domain) * width);
    const right = Math.min(width, toShare(bin.to, domain) * width);
    const tall = Math.max(2, (bin.rows / most) * (base - 2));
    const middle = (bin.from + bin.to) / 2;
    const isOn = middle >= selected.from && middle < selected.to && middle < asOf;
    context.fillStyle = isOn ? colors.bar : colors.off;
    // Dense hours are also stronger in colour: a heat strip and a histogram in one.
    context.globalAlpha = isOn ? 0.45 + 0.55 * (bin.rows / most) : 0.55;
    context.fillRect(left, base - tall, Math.max(1, right - left - gap), tall);
  }
  context.globalAlpha = 1;
  context.fillStyle = colors.line;
  context.fillRect(0, base, width, 1);
}
