import { MantineProvider } from '@mantine/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import type { EngineApi, OpenRequest, Progress, Reply, SourceInfo } from '../../../protocol/index.ts';
import { connection } from '../../engine/connection.ts';
import { clearEntries, patch, type Shown } from '../../stores/answer-entries.ts';
import { useSession } from '../../stores/session.ts';
import '../../theme/global-styles.ts';
import { theme } from '../../theme/mantine-theme.ts';
import { PartialMark } from './PartialBadge.tsx';

const REF = { kind: 'sqlite', path: '/data/large.db' } as const;
const PARTIAL = { rows: 500_000, of: 10_026_045 };
const infoOf = (sourceId: string, more: object): Reply<SourceInfo> => ({
  ok: true,
  value: { sourceId, ref: REF, name: 'large.db', partitions: [], ...more } as unknown as SourceInfo,
});

/** The reading of all rows, which the test ends when it likes. */
let reading: {
  readonly id: string;
  readonly progress: (part: Partial<Progress>) => void;
  readonly end: (reply: Reply<SourceInfo>) => void;
};
const opened: (string | undefined)[] = [];
const closed: string[] = [];
const cancelled: string[] = [];
const fakeEngine = {
  open: ({ requestId, build }: OpenRequest, onProgress) => {
    opened.push(build);
    if (build === 'preview') return Promise.resolve(infoOf('s1', { partial: PARTIAL }));
    return new Promise((resolve) => {
      const start: Progress = {
        requestId,
        phase: 'scan',
        done: 0,
        total: PARTIAL.of,
        unit: 'rows',
        perSecond: 0,
        etaMs: null,
      };
      reading = { id: requestId, progress: (part) => onProgress?.({ ...start, ...part }), end: resolve };
    });
  },
  vocabulary: () => Promise.resolve({ ok: true, value: { events: [], properties: [] } }),
  close: (sourceId: string) => {
    closed.push(sourceId);
    return Promise.resolve({ ok: true, value: null });
  },
  cancel: (requestId: string) => {
    cancelled.push(requestId);
    return Promise.resolve({ ok: true, value: true });
  },
  status: () => Promise.resolve({ ok: false, error: { code: 'E_INTERNAL', message: '', hint: '' } }),
} as Partial<EngineApi> as EngineApi;

const badge = page.getByRole('region', { name: 'Partial answers' });
const source = (): SourceInfo | null => useSession.getState().source;

beforeEach(async () => {
  for (const list of [opened, closed, cancelled]) list.length = 0;
  connection.use(fakeEngine);
  clearEntries();
  await render(
    <MantineProvider theme={theme}>
      <PartialMark />
    </MantineProvider>,
  );
  await useSession.getState().open(REF);
});
afterEach(async () => {
  await useSession.getState().close();
  clearEntries();
});

describe('the mark of a preview', () => {
  test('says how much is there, how fast the rest comes, and when it is all', async () => {
    await expect.element(badge).toMatchTextContent(/Partial: latest 500K of 10M rows/);
    await expect.element(badge).toMatchTextContent(/Reading the rest…/);
    expect(opened).toEqual(['preview', 'all']);
    reading.progress({ done: 4_000_000, perSecond: 3_210_000, etaMs: 2_340 });
    await expect.element(badge).toMatchTextContent(/All in 3 s · 3\.21M rows\/s/);
    const bar = page.getByRole('progressbar', { name: 'Reading all rows' });
    await expect.element(bar).toHaveAttribute('aria-valuenow', String((100 * 4_000_000) / PARTIAL.of));
    reading.progress({ done: 10_000_000, perSecond: 3_210_000, etaMs: 8 });
    await expect.element(badge).toMatchTextContent(/All in 1 s/);
  });

  test('goes when all rows are there, and the preview is closed', async () => {
    reading.end(infoOf('s2', {}));
    await expect.element(badge).not.toBeInTheDocument();
    expect(source()?.sourceId).toBe('s2');
    await vi.waitFor(() => expect(closed).toEqual(['s1']));
  });

  test('stays as long as an answer of the preview is on the screen', async () => {
    const result = { plan: { partial: PARTIAL } } as Shown['result'];
    const question = { text: 's1', own: '', analysis: {}, move: 0 } as Shown['question'];
    // As `useAnswer` leaves it: dropped only when nobody watches it.
    reading.end(infoOf('s2', {}));
    await vi.waitFor(() => expect(source()?.sourceId).toBe('s2'));
    patch('funnel', { status: 'ready', shown: { question, result, detail: 'full' } });
    await expect.element(badge).toMatchTextContent(/Asking all rows…/);
    patch('funnel', { shown: { question, result: { plan: {} } as Shown['result'], detail: 'full' } });
    await expect.element(badge).not.toBeInTheDocument();
  });

  test('stopped, stays and offers to go on', async () => {
    await badge.getByRole('button', { name: 'Stop' }).click();
    await expect.element(badge).toMatchTextContent(/The rest was not read/);
    expect(cancelled).toContain(reading.id);
    expect([source()?.partial, useSession.getState().phase, useSession.getState().error]).toEqual([
      PARTIAL,
      'open',
      null,
    ]);
    await badge.getByRole('button', { name: 'Read all' }).click();
    await expect.element(badge).toMatchTextContent(/Reading the rest…/);
    expect(opened).toEqual(['preview', 'all', 'all']);
    reading.end(infoOf('s2', {}));
    await expect.element(badge).not.toBeInTheDocument();
  });

  test('a failure leaves the preview, marked, and is told', async () => {
    reading.end({ ok: false, error: { code: 'E_LIMIT', message: 'No room.', hint: 'Make some.' } });
    await expect.element(badge).toMatchTextContent(/The rest was not read/);
    expect(useSession.getState().error?.code).toBe('E_LIMIT');
  });

  test('another file ends the reading of this one', async () => {
    const before = reading.id;
    expect(await useSession.getState().open({ ...REF, path: '/data/other.db' })).toBe(true);
    expect(cancelled).toContain(before);
    expect(useSession.getState().isReadingAll).toBe(true);
  });
});
