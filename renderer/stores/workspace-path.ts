import type { SourceRef } from '../../protocol/index.ts';

const separatorOf = (path: string): string => (path.includes('\\') && !path.includes('/') ? '\\' : '/');
const isAbsolute = (path: string): boolean =>
  path.startsWith('/') || path.startsWith('\\\\') || /^[A-Za-z]:[\\/]/.test(path) || path.startsWith('sample:');

/** Folder of a file with its final separator: `/data/a.db` → `/data/`. */
export const folderOf = (path: string): string =>
  path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
export const fileNameOf = (path: string): string => path.slice(folderOf(path).length);

/** How a workspace file at `workspacePath` names its source: relative when it lies beside or below, else absolute. */
export function toStoredSource(source: SourceRef | null, workspacePath: string): SourceRef | null {
  if (source === null) return null;
  const folder = folderOf(workspacePath);
  return folder !== '' && source.path.startsWith(folder)
    ? { ...source, path: source.path.slice(folder.length) }
    : source;
}

export function fromStoredSource(source: SourceRef | null, workspacePath: string): SourceRef | null {
  if (source === null || isAbsolute(source.path)) return source;
  const folder = folderOf(workspacePath);
  return { ...source, path: folder + source.path.replaceAll('/', separatorOf(folder)) };
}
