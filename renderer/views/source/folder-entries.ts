import type { FolderEntry } from '../../../protocol/index.ts';

type Purpose = 'source' | 'workspace' | 'certificate' | 'save' | 'export';
const DATABASE = /\.(db|db3|sqlite|sqlite3|s3db|sl3)$/i;
const TABLE = /\.(csv|json|jsonl|parquet|xlsx)$/i;
const WORKSPACE = /\.tributary\.json$/i;
const LIKELY: Readonly<Record<Purpose, RegExp>> = {
  source: DATABASE,
  workspace: WORKSPACE,
  certificate: /\.(pem|crt|cer|ca-bundle)$/i,
  save: WORKSPACE,
  export: TABLE,
};

/** Is this what one is looking for? Other files can be taken too, they are only set back. */
export const isLikely = (entry: FolderEntry, purpose: Purpose): boolean =>
  entry.kind === 'folder' || LIKELY[purpose].test(entry.name);

/** Folders, then likely files, then the others; by name as the shell gave them. */
export function sortEntries(entries: readonly FolderEntry[], purpose: Purpose): readonly FolderEntry[] {
  const rank = (entry: FolderEntry): number => (entry.kind === 'folder' ? 0 : isLikely(entry, purpose) ? 1 : 2);
  return entries.toSorted((a, b) => rank(a) - rank(b));
}

export const joinPath = (folder: string, name: string): string => {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
  return folder.endsWith(separator) ? folder + name : folder + separator + name;
};

/** `orders` → `orders.tributary.json`; a `.json` that was typed stays. */
export const withWorkspaceEnding = (name: string): string => (/\.json$/i.test(name) ? name : `${name}.tributary.json`);
