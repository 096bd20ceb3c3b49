import { create } from 'zustand';
import {
  asPostgresRef,
  formatTarget,
  toErrorData,
  type ConnectionList,
  type ErrorData,
  type PostgresTarget,
  type SavedConnection,
} from '../../protocol/index.ts';
import { shell } from '../engine/shell.ts';
import { openSource } from './files.ts';

export type ListedConnection = ConnectionList['connections'][number];

interface ConnectionsState {
  readonly connections: readonly ListedConnection[];
  /** Why passwords cannot be remembered here; null = they can. */
  readonly whyNotRemember: string | null;
  readonly error: ErrorData | null;
  /** The form: a new connection, or the one that is changed; null = closed. */
  readonly editing: { readonly connection: SavedConnection | null } | null;
  readonly load: () => Promise<void>;
  readonly edit: (connection: SavedConnection | null) => void;
  readonly leave: () => void;
  /** Throws `EngineError`. */
  readonly save: (connection: SavedConnection, replaces: string | null) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
  /** For this run, or in the keychain; null forgets it. Throws `EngineError`. */
  readonly keepPassword: (target: PostgresTarget, password: string | null, remember: boolean) => Promise<void>;
}

/** Saved connections as the program around the window keeps them; no password passes through here to stay. */
export const useConnections = create<ConnectionsState>()((set, get) => {
  const show = ({ connections, whyNotRemember, problem }: ConnectionList): void =>
    set({ connections, whyNotRemember, error: problem });
  return {
    connections: [],
    whyNotRemember: null,
    error: null,
    editing: null,
    load: async () => {
      try {
        show(await shell('listConnections', null));
      } catch (thrown) {
        set({ error: toErrorData(thrown) });
      }
    },
    edit: (connection) => {
      void get().load();
      set({ editing: { connection } });
    },
    leave: () => set({ editing: null }),
    save: async (connection, replaces) => show(await shell('saveConnection', { connection, replaces })),
    remove: async (name) => show(await shell('removeConnection', { name })),
    keepPassword: async (target, password, remember) => {
      await shell('keepPassword', { address: formatTarget(target), password, remember });
      await get().load();
    },
  };
});

/** Opens it as a source. Throws `EngineError`. */
export const openConnection = (connection: SavedConnection): Promise<boolean> => openSource(asPostgresRef(connection));
