import { MantineProvider } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import type { ReactElement, ReactNode } from 'react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import '../../theme/global-styles.ts';
import { theme } from '../../theme/mantine-theme.ts';
import { addCommands, getCommands, useCommands, type Command } from './command-registry.ts';
import { FRAME_COMMANDS } from './commands.ts';
import { HelpSheet } from './HelpSheet.tsx';
import { getPaletteGroups, Palette } from './Palette.tsx';
import { useShortcuts } from './use-shortcuts.ts';

const run = vi.fn<() => void>();
const command = (id: string, title: string, part: Partial<Command> = {}): Command => ({
  id,
  title,
  group: 'Analysis',
  run,
  ...part,
});
const COMMANDS: readonly Command[] = [
  command('t.one', 'Count the sheep', { shortcut: 'mod+J' }),
  command('t.two', 'Shear the sheep', { isEnabled: () => false, shortcut: 'mod+shift+J' }),
  command('t.three', 'Sell the wool', { keywords: ['market'] }),
];

function Frame({ children }: { readonly children?: ReactNode }): ReactElement {
  useCommands(COMMANDS);
  useShortcuts();
  return (
    <MantineProvider theme={theme}>
      <Palette />
      <HelpSheet />
      {children}
    </MantineProvider>
  );
}

afterEach(() => {
  spotlight.close();
  run.mockClear();
});

describe('commands', () => {
  test('have one id and one shortcut each', () => {
    const ids = FRAME_COMMANDS.map((c) => c.id);
    const keys = FRAME_COMMANDS.flatMap((c) => (c.shortcut === undefined ? [] : [c.shortcut]));
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(keys).size).toBe(keys.length);
  });
  test('of a view are there while it is on the screen', async () => {
    const screen = await render(<Frame />);
    expect(getCommands().map((c) => c.id)).toContain('t.one');
    await screen.unmount();
    expect(getCommands().map((c) => c.id)).not.toContain('t.one');
  });
  test('that cannot run now are not offered', () => {
    expect(getPaletteGroups(COMMANDS).flatMap((g) => g.actions.map((a) => a.id))).toEqual(['t.one', 't.three']);
  });
});

describe('the palette', () => {
  test('finds a command by a part of its name or a keyword, and runs it', async () => {
    await render(<Frame />);
    spotlight.open();
    await expect.element(page.getByPlaceholder('Find a command')).toHaveFocus();
    await userEvent.keyboard('market');
    await expect.element(page.getByText('Count the sheep')).not.toBeInTheDocument();
    await userEvent.keyboard('{Enter}');
    await vi.waitFor(() => expect(run).toHaveBeenCalledOnce());
    await expect.element(page.getByPlaceholder('Find a command')).not.toBeInTheDocument();
  });
  test('chooses a command that comes when its name has been typed', async () => {
    await render(<Frame />);
    spotlight.open();
    await userEvent.fill(page.getByPlaceholder('Find a command'), 'milk');
    await expect.element(page.getByText('No command has this name.')).toBeVisible();
    const remove = addCommands([command('t.late', 'Milk the sheep')]);
    await expect.element(page.getByText('the sheep')).toBeVisible();
    await userEvent.keyboard('{Enter}');
    await vi.waitFor(() => expect(run).toHaveBeenCalledOnce());
    remove();
  });
  test('says when nothing fits, and closes with Escape', async () => {
    await render(<Frame />);
    spotlight.open();
    await userEvent.fill(page.getByPlaceholder('Find a command'), 'qqq');
    await expect.element(page.getByText('No command has this name.')).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByPlaceholder('Find a command')).not.toBeInTheDocument();
    expect(run).not.toHaveBeenCalled();
  });
});

describe('shortcuts', () => {
  test('run their command, unless it is off', async () => {
    await render(<Frame />);
    await userEvent.keyboard('{Control>}j{/Control}');
    expect(run).toHaveBeenCalledOnce();
    await userEvent.keyboard('{Control>}{Shift>}J{/Shift}{/Control}');
    expect(run).toHaveBeenCalledOnce();
  });
  test('leave undo and plain keys to a text field', async () => {
    const remove = addCommands([
      command('edit.undo', 'Undo', { shortcut: 'mod+Z' }),
      command('t.plain', 'Plain', { shortcut: 'x' }),
    ]);
    await render(
      <Frame>
        <input aria-label="Text" />
      </Frame>,
    );
    await page.getByLabelText('Text').click();
    await userEvent.keyboard('x{Control>}z{/Control}');
    expect(run).not.toHaveBeenCalled();
    (document.activeElement as HTMLElement).blur();
    await userEvent.keyboard('x{Control>}z{/Control}');
    expect(run).toHaveBeenCalledTimes(2);
    remove();
  });
  test('are all in the help sheet', async () => {
    const remove = addCommands(FRAME_COMMANDS);
    await render(<Frame />);
    await userEvent.keyboard('?');
    await expect.element(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
    await expect.element(page.getByText('Save the workspace as…')).toBeVisible();
    await expect.element(page.getByText('Ctrl++', { exact: true })).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).not.toBeInTheDocument();
    remove();
  });
});
