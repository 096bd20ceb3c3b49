import { toErrorData } from '../../protocol/index.ts';
import { shell } from '../engine/shell.ts';
import { folderOf } from './workspace-path.ts';

/** Folders that would not be quick to list are not listed just for a mark. */
const MAX_FOLDERS = 10;

/** Which of these files are no longer there. What cannot be looked at is not called missing. */
export async function findMissing(paths: readonly string[]): Promise<ReadonlySet<string>> {
  const files = paths.filter((path) => path !== 'sample:' && !path.startsWith('postgres://'));
  const folders = [...new Set(files.map(folderOf))].slice(0, MAX_FOLDERS);
  const found = await Promise.all(folders.map(async (folder) => [folder, await listFiles(folder)] as const));
  const byFolder = new Map(found);
  return new Set(files.filter((path) => byFolder.get(folderOf(path))?.has(path) === false));
}

/** null = cannot be known. */
async function listFiles(folder: string): Promise<ReadonlySet<string> | null> {
  try {
    const { entries } = await shell('listFolder', { path: folder });
    return new Set(entries.map((entry) => entry.path));
  } catch (thrown) {
    return toErrorData(thrown).code === 'E_NOT_FOUND' ? new Set() : null;
  }
}
