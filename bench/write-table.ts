import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The pages of docs/ that have a measured table, by its name: between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. */
const PAGES = { postgres: 'postgres.md', partitions: 'event-store.md' } as const;

/** Replaces a table and returns its page's path. */
export function writeTable(name: keyof typeof PAGES, text: string): string {
  const page = path.join(import.meta.dirname, '../docs', PAGES[name]);
  const [from, to] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const whole = readFileSync(page, 'utf8');
  const before = whole.slice(0, whole.indexOf(from) + from.length);
  writeFileSync(page, `${before}\n\n${text}\n\n${whole.slice(whole.indexOf(to))}`);
  return page;
}
