import { blobToBase64 } from './export-target.ts';
import { getXmlText } from '../charts/xml-text.ts';

/** Properties that make up the look of an SVG drawing; all others are layout of the page. */
const STYLE_PROPERTIES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linecap',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'font-feature-settings',
  'font-variant-numeric',
  'letter-spacing',
  'text-anchor',
  'dominant-baseline',
  'paint-order',
  'visibility',
] as const;

const SVG_NS = 'http://www.w3.org/2000/svg';

/**
 * A drawing on the page as a file that looks the same anywhere: CSS variables and classes become resolved
 * attributes, elements marked `data-export="skip"` (focus rings, hit areas) go, the background is painted, and the title
 * stands above: in a report the drawing is alone.
 */
export function serializeSvg(svg: SVGSVGElement, background: string, title = ''): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  inlineStyles(svg, copy);
  for (const element of copy.querySelectorAll('[data-export="skip"]')) element.remove();
  const { width, height, top } = getPaper(svg, title);
  copy.setAttribute('xmlns', SVG_NS);
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  copy.setAttribute('viewBox', `${-MARGIN} ${-top} ${width} ${height}`);
  const paper = document.createElementNS(SVG_NS, 'rect');
  paper.setAttribute('x', String(-MARGIN));
  paper.setAttribute('y', String(-top));
  paper.setAttribute('width', '100%');
  paper.setAttribute('height', '100%');
  paper.setAttribute('fill', background);
  copy.prepend(paper, ...(title === '' ? [] : [makeTitle(title, -top + MARGIN)]));
  cleanTexts(copy);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}`;
}

/** One character that XML does not have, in a text or an attribute, would make the whole file unreadable. */
function cleanTexts(root: SVGSVGElement): void {
  for (const element of [root, ...root.querySelectorAll('*')]) {
    for (const { name, value } of element.attributes) {
      const clean = getXmlText(value);
      if (clean !== value) element.setAttribute(name, clean);
    }
    for (const node of element.childNodes) if (node instanceof CharacterData) node.data = getXmlText(node.data);
  }
}

/** White space around the drawing, px: on the page its panel gives that. */
const MARGIN = 16;
const TITLE_HEIGHT = 32;
/** `top`: how much of the paper lies above the drawing. */
function getPaper(svg: SVGSVGElement, title: string): { width: number; height: number; top: number } {
  const top = MARGIN + (title === '' ? 0 : TITLE_HEIGHT);
  return { width: svg.width.baseVal.value + 2 * MARGIN, height: svg.height.baseVal.value + MARGIN + top, top };
}

function makeTitle(title: string, y: number): SVGTextElement {
  const text = document.createElementNS(SVG_NS, 'text');
  const { fontFamily, color } = getComputedStyle(document.body);
  const attributes = { x: 0, y: y + 14, fill: color, 'font-family': fontFamily, 'font-size': 15, 'font-weight': 600 };
  for (const [name, value] of Object.entries(attributes)) text.setAttribute(name, String(value));
  text.textContent = title;
  return text;
}

/** Both trees have the same shape, so their elements meet pairwise in document order. */
function inlineStyles(source: Element, copy: Element): void {
  const style = getComputedStyle(source);
  if (source.namespaceURI === SVG_NS) {
    for (const property of STYLE_PROPERTIES) {
      const value = style.getPropertyValue(property);
      if (value !== '' && value !== 'normal') copy.setAttribute(property, value);
    }
  }
  for (const name of ['class', 'style', 'tabindex']) copy.removeAttribute(name);
  const children = [...copy.children];
  [...source.children].forEach((child, i) => {
    const twin = children[i];
    if (twin !== undefined) inlineStyles(child, twin);
  });
}

/** Paints an SVG text into a PNG at `scale` times its size. */
export async function svgToPng(svgText: string, width: number, height: number, scale = 2): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await withFonts(svgText))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  // Painted once and read: where the GPU paints it, reading it back keeps the window waiting.
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('This browser gave no 2d canvas.');
  context.scale(scale, scale);
  context.drawImage(image, 0, 0, width, height);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob === null ? reject(new Error('The picture could not be encoded.')) : resolve(blob)),
      'image/png',
    );
  });
}

/** PNG (2×) and SVG of a drawing on the page. */
export function svgExports(
  getSvg: () => SVGSVGElement | null,
  getBackground: () => string,
): { getSvg: (title?: string) => string; getPng: (title?: string) => Promise<Blob> } {
  const required = (): SVGSVGElement => {
    const svg = getSvg();
    if (svg === null) throw new Error('There is no chart to export yet.');
    return svg;
  };
  return {
    getSvg: (title) => serializeSvg(required(), getBackground(), title),
    getPng: (title) => {
      const svg = required();
      const { width, height } = getPaper(svg, title ?? '');
      return svgToPng(serializeSvg(svg, getBackground(), title), width, height);
    },
  };
}

/**
 * An SVG drawn as an image sees no font of the page, so the faces it needs are put into it. Without them (a font
 * that cannot be fetched) the picture falls back to a system font rather than failing.
 */
async function withFonts(svgText: string): Promise<string> {
  const faces = await getFontFaces();
  return faces === '' ? svgText : svgText.replace(/(<svg[^>]*>)/, `$1<style>${faces}</style>`);
}

let fontFaces: Promise<string> | null = null;
function getFontFaces(): Promise<string> {
  fontFaces ??= loadFontFaces();
  return fontFaces;
}

async function loadFontFaces(): Promise<string> {
  const rules = [...document.styleSheets].flatMap(readRules).filter((rule) => rule instanceof CSSFontFaceRule);
  const wanted = rules.filter(
    (rule) => /inter|jetbrains/i.test(rule.style.getPropertyValue('font-family')) && isBasicLatin(rule),
  );
  const faces = await Promise.all(wanted.map(embedFace));
  return faces.join('\n');
}

function readRules(sheet: CSSStyleSheet): CSSRule[] {
  try {
    return [...sheet.cssRules];
  } catch {
    return []; // a sheet of another origin does not show its rules
  }
}

/** Fonts come in slices by unicode range; the one with "A" carries digits and most labels. */
function isBasicLatin(rule: CSSFontFaceRule): boolean {
  const range = rule.style.getPropertyValue('unicode-range');
  return (range === '' || /U\+0{0,4}-0{0,2}FF/i.test(range)) && rule.style.getPropertyValue('font-style') !== 'italic';
}

async function embedFace(rule: CSSFontFaceRule): Promise<string> {
  const source = /url\(["']?([^"')]+)["']?\)/.exec(rule.style.getPropertyValue('src'))?.[1];
  if (source === undefined) return '';
  try {
    const base = rule.parentStyleSheet?.href ?? document.baseURI;
    const bytes = source.startsWith('data:') ? source : await fetchAsDataUrl(new URL(source, base).href);
    return `@font-face{font-family:${rule.style.getPropertyValue('font-family')};font-weight:100 900;src:url("${bytes}")}`;
  } catch {
    return '';
  }
}

async function fetchAsDataUrl(url: string): Promise<string> {
  const blob = await (await fetch(url)).blob();
  return `data:font/woff2;base64,${await blobToBase64(blob)}`;
}
