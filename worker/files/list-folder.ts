import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { EngineError } from '../../protocol/errors.ts';
import type { FolderEntry, ShellAnswers } from '../../protocol/index.ts';
import { fileError } from './file-error.ts';

const MAX_ENTRIES = 5_000;

/** Folders first, then files, by name; hidden ones and what is neither are left out. null = the home folder. */
export async function listFolder(path: string | null): Promise<ShellAnswers['listFolder']> {
  const folder = normalize(path ?? homedir());
  if (!isAbsolute(folder))
    throw new EngineError('E_USAGE', 'A full path is needed.', { hint: 'Start at the root of the drive.' });
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).slice(0, MAX_ENTRIES);
    const entries = (await Promise.all(names.map((name) => describe(folder, name)))).filter((entry) => entry !== null);
    const parent = dirname(folder);
    return { path: folder, parent: parent === folder ? null : parent, entries: entries.sort(byKindAndName) };
  } catch (thrown) {
    throw fileError(thrown, 'listed', folder);
  }
}

async function describe(folder: string, name: string): Promise<FolderEntry | null> {
  const path = join(folder, name);
  const found = await stat(path).catch(() => null);
  if (found === null || !(found.isFile() || found.isDirectory())) return null;
  return {
    name,
    path,
    kind: found.isDirectory() ? 'folder' : 'file',
    sizeBytes: found.size,
    modifiedAt: found.mtimeMs,
  };
}

function byKindAndName(a: FolderEntry, b: FolderEntry): number {
  if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1;
  return a.name.localeCompare(b.name, undefined, { numeric: true });
}
