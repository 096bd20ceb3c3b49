import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where settings, recent files, recovery and the sample live. `--data-dir` wins over `TRIBUTARY_DATA_DIR`. */
export function resolveDataDir(
  explicit?: string,
  env: Environment = process.env,
  platform: string = process.platform,
): string {
  const chosen = explicit ?? env['TRIBUTARY_DATA_DIR'];
  return chosen !== undefined && chosen !== '' ? resolve(chosen) : join(...systemDataDir(env, platform));
}

function systemDataDir(env: Environment, platform: string): string[] {
  const home = env['HOME'] ?? env['USERPROFILE'] ?? homedir();
  if (platform === 'win32') return [env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Tributary'];
  if (platform === 'darwin') return [home, 'Library', 'Application Support', 'Tributary'];
  const xdg = env['XDG_DATA_HOME'];
  // The XDG base directory specification says to ignore relative paths.
  return [xdg?.startsWith('/') === true ? xdg : join(home, '.local', 'share'), 'tributary'];
}
