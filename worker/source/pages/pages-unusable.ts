/** These pages are not for the page reader: SQLite reads them instead. The message says why, for people. */
export class PagesUnusable extends Error {
  override readonly name = 'PagesUnusable';
}

export const brokenTree = (): PagesUnusable => new PagesUnusable('the tree of the table is not in order');
