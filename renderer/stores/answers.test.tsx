import { useState, type ReactElement } from 'react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import {
  EngineError,
  RollupSchema,
  type Detail,
  type EngineApi,
  type Progress,
  type RollupResult,
  type SourceInfo,
} from '../../protocol/index.ts';
import { setCurrentSource } from '../engine/client.ts';
import { connection } from '../engine/connection.ts';
import { useActivity } from './activity.ts';
import { clearAnswers, useAnswer, useAskAgain } from './answers.ts';
import { moveHand, restHand } from './hand.ts';
import { useSession } from './session.ts';
import { newWorkspace, useWorkspace } from './workspace.ts';

/** A run that the test answers when it likes. */
interface Run {
  readonly limit: number;
  readonly detail: string | undefined;
  readonly asOf: string | null | undefined;
  readonly requestId: string;
  readonly progress: (done: number) => void;
  answer(): void;
  fail(error: EngineError): void;
}
const runs: Run[] = [];
const cancelled: string[] = [];

const result = (limit: number): RollupResult =>
  ({
    type: 'rollup',
    seriesCount: limit,
    plan: { rowsRead: limit, threads: 1 },
    timing: { totalMs: 1, buildMs: 0, computeMs: 1 },
  }) as RollupResult;
const fakeEngine = {
  run: ({ requestId, analysis, detail }, onProgress) =>
    new Promise((resolve) => {
      const { limit, asOf } = RollupSchema.parse(analysis);
      const progress = (done: number): void =>
        onProgress?.({
          requestId,
          phase: 'compute',
          done,
          total: 10,
          unit: 'rows',
          perSecond: 1,
          etaMs: null,
        } satisfies Progress);
      runs.push({
        limit,
        detail,
        asOf,
        requestId,
        progress,
        answer: () => resolve({ ok: true, value: result(limit) }),
        fail: (error) => resolve({ ok: false, error: error.toData() }),
      });
    }),
  cancel: (requestId) => {
    cancelled.push(requestId);
    return Promise.resolve({ ok: true, value: true });
  },
  status: () => Promise.resolve({ ok: false, error: { code: 'E_INTERNAL', message: '', hint: '' } }),
} as Partial<EngineApi> as EngineApi;

/** A view that asks for as many series as one types. */
function Asker({ first = 'full' }: { readonly first?: Detail }): ReactElement {
  const [limit, setLimit] = useState(1);
  const answer = useAnswer('test', RollupSchema.parse({ type: 'rollup', limit }), { moving: 'counts', first });
  return (
    <div>
      <input aria-label="limit" value={limit} onChange={(event) => setLimit(Number(event.currentTarget.value))} />
      <button type="button" onClick={answer.retry}>
        retry
      </button>
      <button type="button" onClick={answer.cancel}>
        cancel
      </button>
      <output aria-label="state">
        {[
          answer.status,
          answer.result?.seriesCount ?? '-',
          answer.stale ? 'stale' : 'fresh',
          answer.error?.code ?? '-',
          answer.progress?.done ?? '-',
        ].join(' ')}
      </output>
    </div>
  );
}
const ask = (limit: number): Promise<void> => page.getByLabelText('limit').fill(String(limit));
const state = (): string => page.getByLabelText('state').element().textContent ?? '';
const becomes = (text: string): Promise<void> => vi.waitFor(() => expect(state()).toBe(text));
const asked = (...limits: number[]): Promise<void> =>
  vi.waitFor(() => expect(runs.map((r) => r.limit)).toEqual(limits));

let screen: Awaited<ReturnType<typeof render>>;
beforeEach(async () => {
  runs.length = 0;
  cancelled.length = 0;
  connection.use(fakeEngine);
  setCurrentSource('s1');
  useSession.setState({ phase: 'open', source: { sourceId: 's1' } as SourceInfo });
  useWorkspace.getState().load(newWorkspace(null), null);
  clearAnswers();
  screen = await render(<Asker />);
  await asked(1);
});
afterEach(() => {
  restHand();
  clearAnswers();
});

describe('an answer', () => {
  test('is asked at once, and stays visible as stale while the next is under way', async () => {
    expect(state()).toBe('loading - fresh - -');
    runs[0]?.answer();
    await becomes('ready 1 fresh - -');
    await ask(2);
    await becomes('loading 1 stale - -');
    await asked(1, 2);
    runs[1]?.answer();
    await becomes('ready 2 fresh - -');
  });

  test('is first drawn from counts where a view says so, and then from all of it', async () => {
    useSession.setState({ source: { sourceId: 's2', ref: { kind: 'sqlite', path: '/a.db' } } as SourceInfo });
    await screen.unmount();
    clearAnswers();
    runs.length = 0;
    await render(<Asker first="counts" />);
    await vi.waitFor(() => expect(runs.map((r) => r.detail)).toEqual(['counts']));
    runs[0]?.answer();
    await vi.waitFor(() => expect(runs.map((r) => r.detail)).toEqual(['counts', 'full']));
    await becomes('loading 1 fresh - -');
    runs[1]?.answer();
    await becomes('ready 1 fresh - -');
    await ask(2);
    await vi.waitFor(() => expect(runs.map((r) => [r.limit, r.detail])).toContainEqual([2, 'full']));
    expect(runs).toHaveLength(3);
  });

  test('of the latest question wins; the older is cancelled and never shown', async () => {
    await ask(2);
    await asked(1, 2);
    expect(cancelled).toEqual([runs[0]?.requestId]);
    runs[1]?.answer();
    await becomes('ready 2 fresh - -');
    runs[0]?.answer();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(state()).toBe('ready 2 fresh - -');
  });

  test('that is known is not asked again', async () => {
    runs[0]?.answer();
    await becomes('ready 1 fresh - -');
    await ask(2);
    await asked(1, 2);
    runs[1]?.answer();
    await becomes('ready 2 fresh - -');
    await ask(1);
    await becomes('ready 1 fresh - -');
    expect(runs).toHaveLength(2);
    expect(useActivity.getState().lastAnswer?.cached).toBe(true);
  });

  test('follows the range of the workspace', async () => {
    runs[0]?.answer();
    await becomes('ready 1 fresh - -');
    useWorkspace.getState().setRange({ from: '2024-01-01', to: null });
    await becomes('loading 1 stale - -');
    await asked(1, 1);
    useWorkspace.getState().undo();
    await becomes('ready 1 fresh - -');
    expect(runs).toHaveLength(2);
  });

  test('that failed keeps the one before, and can be tried again', async () => {
    runs[0]?.answer();
    await becomes('ready 1 fresh - -');
    await ask(2);
    await asked(1, 2);
    runs[1]?.fail(new EngineError('E_LIMIT', 'Too much.', { hint: 'Less.' }));
    await becomes('error 1 stale E_LIMIT -');
    await page.getByRole('button', { name: 'retry' }).click();
    await asked(1, 2, 2);
    runs[2]?.answer();
    await becomes('ready 2 fresh - -');
    expect(cancelled).toEqual([]);
  });

  test('can be cancelled: the engine is told, the one before stays', async () => {
    runs[0]?.answer();
    await becomes('ready 1 fresh - -');
    await ask(2);
    await asked(1, 2);
    await page.getByRole('button', { name: 'cancel' }).click();
    await becomes('ready 1 stale - -');
    expect(cancelled).toEqual([runs[1]?.requestId]);
  });

  test('tells its progress only when it takes long', async () => {
    runs[0]?.progress(3);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(state()).toBe('loading - fresh - -');
    await new Promise((resolve) => setTimeout(resolve, 550));
    runs[0]?.progress(7);
    await becomes('loading - fresh - 7');
    runs[0]?.answer();
    await becomes('ready 1 fresh - -');
  });

  test('lost with the engine stays visible, and is asked again when it is back', async () => {
    runs[0]?.answer();
    await becomes('ready 1 fresh - -');
    await ask(2);
    await asked(1, 2);
    runs[1]?.fail(new EngineError('E_ENGINE_LOST', 'Lost.', { hint: 'Wait.' }));
    await becomes('loading 1 stale - -');
    useAskAgain.getState().askAgain();
    await asked(1, 2, 2);
    runs[2]?.answer();
    await becomes('ready 2 fresh - -');
    expect(runs).toHaveLength(3);
  });

  describe('while a hand moves', () => {
    const moveTo = (asOf: string): void => {
      moveHand(performance.now());
      useWorkspace.getState().setAsOf(asOf);
    };
    const questions = (): unknown[] => runs.map((r) => [r.asOf, r.detail]);

    test('is asked in the same event, for counts, one at a time and then the newest; all of it when the hand rests', async () => {
      runs[0]?.answer();
      await becomes('ready 1 fresh - -');
      moveTo('2024-01-01');
      moveTo('2024-01-02');
      moveTo('2024-01-03');
      await asked(1, 1);
      expect(runs[1]?.asOf).toBe('2024-01-01');
      // What is on the screen is not dimmed at every step.
      expect(state()).toBe('ready 1 fresh - -');
      runs[1]?.answer();
      await asked(1, 1, 1);
      restHand();
      await asked(1, 1, 1, 1);
      expect(questions()).toEqual([
        [null, 'full'],
        ['2024-01-01', 'counts'],
        ['2024-01-03', 'counts'],
        ['2024-01-03', 'full'],
      ]);
      expect(cancelled).toEqual([runs[2]?.requestId]);
      runs[3]?.answer();
      await becomes('ready 1 fresh - -');
    });

    test('is dimmed when no answer comes for a while', async () => {
      runs[0]?.answer();
      await becomes('ready 1 fresh - -');
      for (let i = 1; i <= 9; i++) {
        moveTo(`2024-01-0${i}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(state()).toBe('loading 1 stale - -');
      expect(runs).toHaveLength(2);
      restHand();
      await asked(1, 1, 1);
    });
  });

  test('of a source that changed says so to the whole window', async () => {
    runs[0]?.fail(new EngineError('E_SOURCE_CHANGED', 'The file has changed.', { hint: 'Open it again.' }));
    await becomes('error - fresh E_SOURCE_CHANGED -');
    expect(useSession.getState().changed).toBe(true);
    useSession.setState({ changed: false });
  });
});
