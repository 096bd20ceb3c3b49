import { formatTarget } from '../../protocol/source-names.ts';
import type { SourceRef } from '../../protocol/index.ts';
import { shell } from './shell.ts';

/**
 * What a request needs to open this source: the password of a server, from the program around the window, where it lies
 * for this run or in the keychain. The window keeps none.
 */
export async function secretsOf(ref: SourceRef): Promise<{ readonly password?: string }> {
  if (ref.kind !== 'postgres') return {};
  const password = await shell('getPassword', { address: formatTarget(ref.target) });
  return password === null ? {} : { password };
}
