import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { EngineError } from '../../protocol/errors.ts';
import { toOptionName } from './option-names.ts';
import type { Options } from './parse-conninfo.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The user's own folder, as libpq finds it. */
export const homeOf = (env: Environment): string => env['HOME'] ?? env['USERPROFILE'] ?? homedir();

/**
 * The options of a service in `PGSERVICEFILE` (else `~/.pg_service.conf`), then in `PGSYSCONFDIR/pg_service.conf`.
 * Throws E_NOT_FOUND when none has it, E_USAGE when the file cannot be read.
 */
export function readService(name: string, env: Environment, file?: string): Options {
  const own = file ?? env['PGSERVICEFILE'] ?? path.join(homeOf(env), '.pg_service.conf');
  const system = env['PGSYSCONFDIR'];
  const files = [own, ...(system === undefined ? [] : [path.join(system, 'pg_service.conf')])];
  for (const each of files) {
    const found = existsSync(each) ? findSection(readFileSync(each, 'utf8'), name) : null;
    if (found !== null) return found;
  }
  throw new EngineError('E_NOT_FOUND', `The service “${name}” is in no service file.`, {
    hint: `Add [${name}] to ~/.pg_service.conf, or name another file in PGSERVICEFILE.`,
    details: files.join('\n'),
  });
}

/** The first section of that name; the first mention of an option counts. */
function findSection(text: string, name: string): Options | null {
  let options: Map<string, string> | null = null;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) {
      if (options !== null) return options;
      if (line === `[${name}]`) options = new Map();
    } else if (options !== null) addLine(line, options);
  }
  return options;
}

function addLine(line: string, options: Map<string, string>): void {
  const equals = line.indexOf('=');
  const key = equals < 0 ? '' : line.slice(0, equals);
  if (key === '' || key === 'service')
    throw new EngineError('E_USAGE', 'The service file has a line that is not key=value.', {
      hint: 'Write key=value without spaces around =; services do not nest.',
    });
  if (!options.has(toOptionName(key))) options.set(key, line.slice(equals + 1));
}
