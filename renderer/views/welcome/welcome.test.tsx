import { MantineProvider } from '@mantine/core';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import {
  SettingsSchema,
  type BootInfo,
  type Reply,
  type ShellAnswers,
  type ShellMethod,
} from '../../../protocol/index.ts';
import { useBoot } from '../../stores/boot.ts';
import { useSession } from '../../stores/session.ts';
import { newWorkspace } from '../../stores/workspace.ts';
import '../../theme/global-styles.ts';
import { theme } from '../../theme/mantine-theme.ts';
import { Welcome } from './Welcome.tsx';

const boot: BootInfo = {
  version: '1.2.3',
  mode: 'browser',
  platform: 'linux',
  settings: SettingsSchema.parse({}),
  recents: [],
  recovery: null,
  lastFailure: null,
  openFiles: [],
};
const calls: string[] = [];
/** A shell with one folder, in which only `here.sqlite` lies. */
const shellAnswers: Partial<{ [M in ShellMethod]: (argument: never) => ShellAnswers[M] }> = {
  listFolder: () => ({
    path: '/data',
    parent: '/',
    entries: [{ name: 'here.sqlite', path: '/data/here.sqlite', kind: 'file', sizeBytes: 1, modifiedAt: 0 }],
  }),
  clearRecents: () => null,
  clearRecovery: () => null,
  addRecent: () => [],
};
vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
  const method = url.split('/').at(-1) as ShellMethod;
  calls.push(`${method} ${JSON.stringify(init.body)}`);
  const reply: Reply<unknown> = { ok: true, value: shellAnswers[method]?.(undefined as never) ?? null };
  return Promise.resolve(new Response(JSON.stringify(reply)));
});

async function show(part: Partial<BootInfo> = {}): Promise<void> {
  useBoot.setState({ boot: { ...boot, ...part }, recents: part.recents ?? [] });
  await render(
    <MantineProvider theme={theme}>
      <Welcome />
    </MantineProvider>,
  );
}
beforeEach(() => {
  calls.length = 0;
  useSession.setState({ phase: 'none', source: null, error: null, ref: null, progress: null });
});

describe('recents', () => {
  const recents = [
    { kind: 'source', path: '/data/here.sqlite', openedAt: 3 },
    { kind: 'workspace', path: '/data/gone.tributary.json', openedAt: 2 },
    { kind: 'source', path: 'sample:', openedAt: 1 },
  ] as const;
  test('mark what is no longer there, and only that', async () => {
    await show({ recents });
    await expect.element(page.getByRole('button', { name: 'Open gone.tributary.json (missing)' })).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Open here.sqlite', exact: true })).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Open Sample', exact: true })).toBeVisible();
  });
  test('can be removed; the others keep their order', async () => {
    await show({ recents });
    await page.getByRole('button', { name: 'Remove gone.tributary.json from the list' }).click();
    await expect.element(page.getByText('gone.tributary.json')).not.toBeInTheDocument();
    await vi.waitFor(() => expect(calls.filter((c) => !c.startsWith('list'))).toHaveLength(3));
    expect(calls.filter((c) => c.startsWith('addRecent')).map((c) => /path\\":\\"([^"\\]*)/.exec(c)?.[1])).toEqual([
      'sample:',
      '/data/here.sqlite',
    ]);
  });
});

describe('what went wrong last time', () => {
  test('is said, with a way on, and goes when it was read', async () => {
    await show({
      lastFailure: {
        code: 'E_ENGINE_LOST',
        message: 'The engine ended unexpectedly.',
        hint: 'Your analyses were kept.',
      },
    });
    await expect.element(page.getByText(/The engine ended unexpectedly\./)).toBeVisible();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await expect.element(page.getByText(/The engine ended unexpectedly\./)).not.toBeInTheDocument();
  });
  test('unsaved work is offered, and discarded only when asked', async () => {
    const content = JSON.stringify(newWorkspace(null));
    await show({ recovery: { savedAt: Date.UTC(2024, 0, 1), workspacePath: '/data/shop.tributary.json', content } });
    await expect.element(page.getByText(/Unsaved changes to shop.tributary.json were kept/)).toBeVisible();
    expect(calls.some((c) => c.startsWith('clearRecovery'))).toBe(false);
    await page.getByRole('button', { name: 'Discard' }).click();
    await expect.element(page.getByText(/Unsaved changes/)).not.toBeInTheDocument();
    expect(calls.some((c) => c.startsWith('clearRecovery'))).toBe(true);
  });
});

describe('opening', () => {
  const ref = { kind: 'sqlite', path: '/data/big.sqlite' } as const;
  test('shows how far it is, and can be cancelled', async () => {
    const cancelOpen = vi.fn<() => void>();
    useSession.setState({
      phase: 'opening',
      ref,
      cancelOpen,
      progress: {
        requestId: 'r',
        phase: 'scan',
        done: 2_000_000,
        total: 10_000_000,
        unit: 'rows',
        perSecond: 1_000_000,
        etaMs: 8000,
      },
    });
    await show();
    await expect.element(page.getByText('Opening big.sqlite · Reading events')).toBeVisible();
    await expect.element(page.getByText('2M of 10M rows · 1M rows/s · 8 s left')).toBeVisible();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(cancelOpen).toHaveBeenCalledOnce();
  });
  test('that failed says why, what to do and the code', async () => {
    useSession.setState({
      phase: 'failed',
      ref,
      error: { code: 'E_NOT_A_DB', message: 'This file is not a SQLite database.', hint: 'Choose another file.' },
    });
    await show();
    const alert = page.getByRole('alert');
    await expect.element(alert.getByText(/big\.sqlite could not be opened/)).toBeVisible();
    await expect.element(alert.getByText(/Choose another file\./)).toBeVisible();
    await expect.element(alert.getByText(/E_NOT_A_DB/)).toBeVisible();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await expect.element(alert).not.toBeInTheDocument();
  });
});

test('a first start says what to do', async () => {
  await show();
  await expect.element(page.getByRole('button', { name: 'Explore the sample' })).toBeVisible();
  await expect.element(page.getByText('What you open will be listed here.')).toBeVisible();
  await expect.element(page.getByText('Version 1.2.3')).toBeVisible();
});
