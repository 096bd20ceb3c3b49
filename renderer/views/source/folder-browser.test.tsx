import { MantineProvider } from '@mantine/core';
import { beforeEach, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import '../../theme/global-styles.ts';
import type { ChooserTask } from '../../stores/files.ts';
import { theme } from '../../theme/mantine-theme.ts';
import { FolderBrowser } from './FolderBrowser.tsx';

/** Listings in the order they were asked for: each comes when it is let. */
const asked: { readonly path: string | null; readonly answer: (isFolder: boolean) => void }[] = [];
vi.stubGlobal('fetch', (_url: string, init: { readonly body: string }) => {
  const { path } = JSON.parse(init.body) as { path: string | null };
  return new Promise((resolve) => {
    const answer = (isFolder: boolean): void => {
      const value = { path: path ?? '/home', parent: '/', entries: [] };
      const error = { code: 'E_NOT_FOUND', message: 'No such folder.', hint: 'Choose another.' };
      resolve(new Response(JSON.stringify(isFolder ? { ok: true, value } : { ok: false, error })));
    };
    asked.push({ path, answer });
  });
});
const resolved = vi.fn<(path: string | null) => void>();
const field = page.getByRole('textbox', { name: 'Folder or file' });

const show = async (purpose: ChooserTask['purpose'], suggestedName = ''): Promise<void> => {
  await render(
    <MantineProvider theme={theme}>
      <FolderBrowser task={{ purpose, suggestedName, resolve: resolved }} />
    </MantineProvider>,
  );
  await vi.waitUntil(() => asked.length === 1);
};
beforeEach(() => {
  asked.length = 0;
  resolved.mockClear();
  localStorage.clear();
});

test('what is typed before the first listing has come stays, and is what Enter opens', async () => {
  await show('source');
  await field.fill('/data/events.db');
  asked[0]?.answer(true);
  await expect.element(page.getByText('This folder is empty.')).toBeVisible();
  await expect.element(field).toHaveValue('/data/events.db');
  await userEvent.keyboard('3{Backspace}');
  await expect.element(field).toHaveValue('/data/events.db');
  await userEvent.keyboard('{Enter}');
  await expect.poll(() => asked.at(-1)?.path).toBe('/data/events.db');
  asked.at(-1)?.answer(false);
  await expect.poll(() => resolved.mock.calls).toEqual([['/data/events.db']]);
});

test('a folder that was typed is not left for the one to begin with, however late that comes', async () => {
  await show('source');
  await field.fill('/data');
  await userEvent.keyboard('{Enter}');
  await expect.poll(() => asked.length).toBe(2);
  asked[1]?.answer(true);
  asked[0]?.answer(true);
  await expect.element(page.getByText('This folder is empty.')).toBeVisible();
  await expect.element(field).toHaveValue('/data');
  await new Promise((resolve) => requestAnimationFrame(resolve));
  expect(asked.map(({ path }) => path)).toEqual([null, '/data']);
});

test('a folder that was typed and left without Enter is the one a file is saved into, or nothing is saved', async () => {
  await show('save', 'mine');
  asked[0]?.answer(true);
  await expect.element(page.getByText('This folder is empty.')).toBeVisible();
  await field.fill('/gone');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(() => asked.at(-1)?.path).toBe('/gone');
  asked.at(-1)?.answer(false);
  await expect.element(page.getByRole('alert')).toHaveTextContent('No such folder. Choose another.');
  expect(resolved).not.toHaveBeenCalled();
  await field.fill('/data');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(() => asked.at(-1)?.path).toBe('/data');
  asked.at(-1)?.answer(true);
  await expect.poll(() => resolved.mock.calls).toEqual([['/data/mine.tributary.json']]);
});

test('a path that is typed as the first listing comes replaces it', async () => {
  await show('source');
  await field.click();
  asked[0]?.answer(true);
  await expect.element(field).toHaveValue('/home');
  await userEvent.keyboard('/data');
  await expect.element(field).toHaveValue('/data');
});
