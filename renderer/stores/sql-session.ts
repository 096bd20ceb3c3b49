import { create } from 'zustand';
import { getAddress, toErrorData, type ErrorData, type SourceRef } from '../../protocol/index.ts';
import type { QuerySession, SchemaInfo, SqlVocabulary } from '../../protocol/query-schema.ts';
import { secretsOf } from '../engine/passwords.ts';
import { query } from '../engine/query-client.ts';
import { queryLine } from '../engine/query-line.ts';

interface SqlSessionState {
  readonly phase: 'none' | 'connecting' | 'open' | 'failed';
  readonly session: QuerySession | null;
  readonly schema: SchemaInfo | null;
  readonly vocabulary: SqlVocabulary | null;
  readonly error: ErrorData | null;
  /** Opens the source for SQL, unless it is open. Never throws. */
  readonly open: (ref: SourceRef) => Promise<void>;
  /** The same source again: after a loss, or to see its newest schema. */
  readonly reopen: () => Promise<void>;
  readonly refreshSchema: () => Promise<void>;
}

let current: SourceRef | null = null;
/** Of the latest `open`: answers to older ones are dropped. */
let round = 0;

export const useSqlSession = create<SqlSessionState>()((set, get) => {
  const load = async (session: QuerySession, mine: number): Promise<void> => {
    const schema = await query.schema(session.sessionId);
    if (mine !== round) return;
    set({ schema });
    // Only for completion: without it the editor offers less.
    const vocabulary = await query.vocabulary(session.sessionId).catch(() => null);
    if (mine === round) set({ vocabulary });
  };
  const connect = async (ref: SourceRef): Promise<void> => {
    const mine = ++round;
    const old = get().session;
    current = ref;
    set({ phase: 'connecting', session: null, error: null });
    if (old !== null) void query.disconnect(old.sessionId).catch(() => undefined);
    try {
      const { password } = await secretsOf(ref);
      const session = await query.connect(ref, password);
      if (mine !== round) return void query.disconnect(session.sessionId).catch(() => undefined);
      set({ phase: 'open', session });
      await load(session, mine);
    } catch (thrown) {
      if (mine === round) set({ phase: get().session === null ? 'failed' : 'open', error: toErrorData(thrown) });
    }
  };
  queryLine.onLost(() => {
    round++;
    set({ phase: 'none', session: null });
    if (current !== null) void connect(current);
  });
  return {
    phase: 'none',
    session: null,
    schema: null,
    vocabulary: null,
    error: null,
    open: async (ref) => {
      const isSame = current !== null && getAddress(current) === getAddress(ref);
      if (isSame && (get().phase === 'open' || get().phase === 'connecting')) return;
      if (!isSame) set({ schema: null, vocabulary: null });
      await connect(ref);
    },
    reopen: async () => {
      if (current !== null) await connect(current);
    },
    refreshSchema: async () => {
      const { session } = get();
      if (session !== null) await load(session, round);
    },
  };
});
