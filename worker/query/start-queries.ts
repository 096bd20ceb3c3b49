import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { findAppRoot } from '../files/app-root.ts';
import { forkProcess } from './fork-process.ts';
import { createQueryService, type QueryService, type QueryServiceOptions } from './query-service.ts';

/** Ad-hoc SQL with processes started by this Node: for the server and the command line. */
export function startQueries(options: Omit<QueryServiceOptions, 'startProcess'>): QueryService {
  const entry = findQueryEntry();
  return createQueryService({ ...options, startProcess: (folder) => forkProcess(entry, folder) });
}

/** Entry of the query process: the built one, or the source where the sources run unbuilt. */
export function findQueryEntry(): URL {
  if (import.meta.url.endsWith('.ts')) return new URL('./main.ts', import.meta.url);
  const { root } = findAppRoot(import.meta.dirname, import.meta.url);
  return pathToFileURL(path.join(root, 'out', 'main', 'query.js'));
}
