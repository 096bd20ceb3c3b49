// Returns the path of a Chromium for tests: $TRIBUTARY_CHROMIUM, else an installed Chrome/Chromium (macOS/Windows/Linux arm),
// else the one shipped inside the npm package @sparticuz/chromium, unpacked once into node_modules/.cache.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const cacheRoot = path.join(import.meta.dirname, '..', 'node_modules', '.cache');

export async function chromiumPath(): Promise<string> {
  const env = process.env['TRIBUTARY_CHROMIUM'];
  if (env) return env;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      'Set TRIBUTARY_CHROMIUM to a Chrome/Chromium executable, or run `npx playwright install chromium` and use channel.',
    );
  const version = (
    JSON.parse(
      readFileSync(path.join(import.meta.dirname, '../node_modules/@sparticuz/chromium/package.json'), 'utf8'),
    ) as { version: string }
  ).version;
  const dir = path.join(cacheRoot, `chromium-${version}`);
  const exe = path.join(dir, 'chromium');
  if (existsSync(exe)) return exe;
  mkdirSync(cacheRoot, { recursive: true });
  const tmp = mkdtempSync(path.join(cacheRoot, 'chromium-tmp-'));
  const old = process.env['TMPDIR'];
  process.env['TMPDIR'] = tmp; // @sparticuz/chromium unpacks into os.tmpdir()
  try {
    const { default: chromium } = await import('@sparticuz/chromium');
    await chromium.executablePath();
  } finally {
    if (old === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = old;
  }
  writeFileSync(
    path.join(tmp, 'fonts', 'fonts.conf'),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>/usr/share/fonts</dir><dir>${path.join(dir, 'fonts')}</dir><cachedir>${path.join(dir, 'fontcache')}</cachedir></fontconfig>\n`,
  );
  try {
    renameSync(tmp, dir);
  } catch (e) {
    rmSync(tmp, { recursive: true, force: true });
    if (!existsSync(exe)) throw e;
  }
  return exe;
}
/** Fonts shipped with the package, used when the machine has none. */
export function chromiumEnv(exe: string): Record<string, string> {
  const fonts = path.join(path.dirname(exe), 'fonts');
  return existsSync(fonts) ? { FONTCONFIG_PATH: fonts } : {};
}
export const chromiumArgs: string[] = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
if (import.meta.main) console.log(await chromiumPath());
