import { fileURLToPath } from 'node:url';
import { findQueryEntry } from '../../worker/query/start-queries.ts';
import { forkProcess } from '../../worker/query/fork-process.ts';
import { createQueryService, type QueryService } from '../../worker/query/query-service.ts';
import { utilityLink, type UtilityChild } from './utility-link.ts';

export interface DesktopQueries {
  readonly dataDir: string;
  readonly fork: (entry: string, folder: string) => UtilityChild;
  /** For tests: an Electron without SQLite starts the queries on this Node. */
  readonly node: string | undefined;
}

/** Ad-hoc SQL of the desktop: its processes are Electron's own utility processes. */
export function startDesktopQueries({ dataDir, fork, node }: DesktopQueries): QueryService {
  const entry = findQueryEntry();
  return createQueryService({
    dataDir,
    startProcess: (folder) =>
      node === undefined ? utilityLink(fork(fileURLToPath(entry), folder)) : forkProcess(entry, folder, node),
  });
}
