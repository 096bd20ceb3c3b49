// Draws the PNG, ICO and ICNS icons from the SVGs beside this file: `npx -c 'node build/render-icons.ts'`.
// The results are checked in; run it after changing an SVG.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { chromiumArgs, chromiumPath } from '../scripts/chromium.ts';

const folder = path.join(import.meta.dirname, 'icons');
const PNG_SIZES = [16, 32, 48, 64, 128, 256, 512, 1024];
const ICO_SIZES = [16, 32, 48, 256];
/** ICNS entries that hold PNG data, by size. */
const ICNS_TYPES: readonly (readonly [string, number])[] = [
  ['icp4', 16],
  ['icp5', 32],
  ['icp6', 64],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic10', 1024],
];

async function draw(page: Page, svg: string, size: number): Promise<Buffer> {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<style>html,body{margin:0;background:transparent}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`,
  );
  return page.screenshot({ omitBackground: true, type: 'png' });
}

/** An ICO whose images are PNGs (Windows Vista and later). */
function ico(images: ReadonlyMap<number, Buffer>): Buffer {
  const header = Buffer.alloc(6 + 16 * ICO_SIZES.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(ICO_SIZES.length, 4);
  let offset = header.length;
  const data = ICO_SIZES.map((size, i) => {
    const png = images.get(size) ?? Buffer.alloc(0);
    const entry = 6 + 16 * i;
    header.writeUInt8(size % 256, entry);
    header.writeUInt8(size % 256, entry + 1);
    header.writeUInt16LE(1, entry + 4);
    header.writeUInt16LE(32, entry + 6);
    header.writeUInt32LE(png.length, entry + 8);
    header.writeUInt32LE(offset, entry + 12);
    offset += png.length;
    return png;
  });
  return Buffer.concat([header, ...data]);
}

function icns(images: ReadonlyMap<number, Buffer>): Buffer {
  const chunks = ICNS_TYPES.map(([type, size]) => chunk(type, images.get(size) ?? Buffer.alloc(0)));
  return chunk('icns', Buffer.concat(chunks));
}

function chunk(type: string, data: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.write(type, 0, 'ascii');
  header.writeUInt32BE(data.length + 8, 4);
  return Buffer.concat([header, data]);
}

const browser = await chromium.launch({ executablePath: await chromiumPath(), args: chromiumArgs });
const page = await browser.newPage();
for (const name of ['icon', 'document']) {
  const svg = readFileSync(path.join(folder, `${name}.svg`), 'utf8');
  const images = new Map<number, Buffer>();
  for (const size of PNG_SIZES) images.set(size, await draw(page, svg, size));
  writeFileSync(path.join(folder, `${name}.ico`), ico(images));
  writeFileSync(path.join(folder, `${name}.icns`), icns(images));
  if (name === 'icon') for (const [size, png] of images) writeFileSync(path.join(folder, `${size}x${size}.png`), png);
  else writeFileSync(path.join(folder, 'document.png'), images.get(256) ?? Buffer.alloc(0));
}
await browser.close();
