/** Folder of a file with its final separator: `/data/a.db` → `/data/`. */
export const folderOf = (path: string): string =>
  path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
export const fileNameOf = (path: string): string => path.slice(folderOf(path).length);
