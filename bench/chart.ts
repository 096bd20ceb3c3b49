/** The little SVG that our pictures need. Lengths in px; colours are the app's, by the reader's light or dark scheme. */
const STYLE = `
  svg { --panel: #ffffff; --line: #e4e3df; --strong: #cfcdc7; --text: #1d1c1a; --muted: #66645e; --ours: #2b66d9;
    --duckdb: #946000; --clickhouse: #157f8f; --sqlite: #5d6b82; --postgres: #b0408f; --good: #1d7a4f; --danger: #c2362b; }
  @media (prefers-color-scheme: dark) { svg { --panel: #1b1c1f; --line: #2b2c31; --strong: #3c3d44; --text: #ecebe7;
    --muted: #a09e97; --ours: #7aa5ff; --duckdb: #e0a83a; --clickhouse: #45b8c8; --sqlite: #9aa8bd; --postgres: #e082c4;
    --good: #58c48f; --danger: #ff8377; } }
  text { font: 12px Inter, system-ui, sans-serif; font-feature-settings: "tnum"; fill: var(--text); }
  .title { font-size: 15px; font-weight: 600; } .muted { fill: var(--muted); } .key { font-weight: 600; }`;

export const COLOURS = {
  tributary: 'var(--ours)',
  duckdb: 'var(--duckdb)',
  clickhouse: 'var(--clickhouse)',
  sqlite: 'var(--sqlite)',
  postgres: 'var(--postgres)',
} as const;
export type Anchor = 'start' | 'middle' | 'end';

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const px = (value: number): string => String(Math.round(value * 10) / 10);

export interface TextStyle {
  readonly anchor?: Anchor;
  readonly className?: string;
  readonly fill?: string;
}
export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { anchor = 'start', className, fill } = style;
  const attributes = [
    `x="${px(x)}" y="${px(y)}" text-anchor="${anchor}"`,
    ...(className === undefined ? [] : [`class="${className}"`]),
    ...(fill === undefined ? [] : [`style="fill: ${fill}"`]),
  ];
  return `<text ${attributes.join(' ')}>${escape(content)}</text>`;
}
export const line = (x1: number, y1: number, x2: number, y2: number, stroke: string, width = 1): string =>
  `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" style="stroke: ${stroke}; stroke-width: ${width}"/>`;
export const bar = (x: number, y: number, width: number, height: number, fill: string): string =>
  `<rect x="${px(x)}" y="${px(y)}" width="${px(Math.max(1, width))}" height="${px(height)}" style="fill: ${fill}"/>`;
/** Hollow with a coloured edge, or filled. `title` is shown on hover. */
export function dot(x: number, y: number, colour: string, title: string, hollow = false): string {
  const style = `fill: ${hollow ? 'var(--panel)' : colour}; stroke: ${colour}; stroke-width: 2`;
  return `<circle cx="${px(x)}" cy="${px(y)}" r="4.5" style="${style}"><title>${escape(title)}</title></circle>`;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly subtitle: string;
  readonly marks: readonly string[];
}
export function toSvg({ width, height, title, subtitle, marks }: Picture): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">`,
    `<style>${STYLE}</style>`,
    `<rect width="${width}" height="${height}" rx="6" style="fill: var(--panel)"/>`,
    text(16, 28, title, { className: 'title' }),
    text(16, 46, subtitle, { className: 'muted' }),
    ...marks,
    '</svg>',
    '',
  ].join('\n');
}

/** Powers of ten that span the values, at least one decade. */
export function getDecades(values: readonly number[]): readonly number[] {
  const used = values.filter((value) => Number.isFinite(value) && value > 0);
  const low = Math.floor(Math.log10(Math.min(...used)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...used))));
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
}
/** Position of a value between `from` and `to` on a logarithmic axis. */
export function toLogScale(decades: readonly number[], from: number, to: number): (value: number) => number {
  const low = Math.log10(decades[0] ?? 1);
  const high = Math.log10(decades.at(-1) ?? 10);
  return (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
}
