import { create } from 'zustand';
import { getAddress, type SourceInfo, type StoreMigrations } from '../../protocol/index.ts';
import { engine } from '../engine/client.ts';
import { useSession } from './session.ts';

export type PendingMigration = StoreMigrations['pending'][number];
interface MigrationsState {
  /** Of the store that is open; [] also while it is not known. */
  readonly pending: readonly PendingMigration[];
  /** Not to be told of again until Tributary ends: this store with these steps. */
  readonly dismiss: () => void;
}
const dismissed = new Set<string>();

/**
 * Which migrations the server that is open lacks: looked up when it is opened, never applied. A snapshot that is behind is
 * whole as it is; `tributary inspect` says it of files too.
 */
export const useMigrations = create<MigrationsState>()((set, get) => ({
  pending: [],
  dismiss: () => {
    const { source } = useSession.getState();
    if (source !== null) dismissed.add(keyOf(source, get().pending));
    set({ pending: [] });
  },
}));

const keyOf = ({ ref }: SourceInfo, pending: readonly PendingMigration[]): string =>
  JSON.stringify([getAddress(ref), ref.kind === 'postgres' ? ref.target.schema : null, pending.map(({ id }) => id)]);

useSession.subscribe(({ source: now }, { source: before }) => {
  if (now?.sourceId === before?.sourceId) return;
  useMigrations.setState({ pending: [] });
  if (now?.model === 'tributary' && now.ref.kind === 'postgres') void look(now);
});

/** What cannot be told is not told: analyses work all the same. */
async function look(source: SourceInfo): Promise<void> {
  const found = await engine.migrations(source.sourceId).catch(() => null);
  if (found === null || useSession.getState().source?.sourceId !== source.sourceId) return;
  if (!dismissed.has(keyOf(source, found.pending))) useMigrations.setState({ pending: found.pending });
}
