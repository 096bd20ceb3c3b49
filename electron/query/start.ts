import { fileURLToPath } from 'node:url';
import { findQueryEntry } from '../../worker/query/start-queries.ts';
import { RemotePlaces, type FromKeeper } from '../../worker/connection/remote-places.ts';
import { forkProcess } from '../../worker/query/fork-process.ts';
import { createQueryService, type QueryService } from '../../worker/query/query-service.ts';
import { utilityLink, type UtilityChild } from './utility-link.ts';

/** The engine's process, which counts all connections to servers. */
interface Engine {
  follow(listener: (child: EngineChild | null) => void): void;
}
interface EngineChild {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

export interface DesktopQueries {
  readonly dataDir: string;
  readonly engine: Engine;
  readonly fork: (entry: string, folder: string) => UtilityChild;
  /** For tests: an Electron without SQLite starts the queries on this Node. */
  readonly node: string | undefined;
}

/** Ad-hoc SQL of the desktop: its processes are Electron's own utility processes. */
export function startDesktopQueries({ dataDir, engine, fork, node }: DesktopQueries): QueryService {
  const entry = findQueryEntry();
  const places = new RemotePlaces();
  engine.follow((child) => {
    places.attach(child === null ? null : (message) => child.postMessage(message));
    child?.on('message', (message) => places.receive(message as FromKeeper));
  });
  return createQueryService({
    dataDir,
    places,
    startProcess: (folder) =>
      node === undefined ? utilityLink(fork(fileURLToPath(entry), folder)) : forkProcess(entry, folder, node),
  });
}
