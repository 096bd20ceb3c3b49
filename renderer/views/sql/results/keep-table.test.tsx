import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import type { SchemaInfo } from '../../../../protocol/query-schema.ts';
import { query, WHOLE } from '../../../engine/query-client.ts';
import { useSqlSession } from '../../../stores/sql-session.ts';
import { getActiveTab } from '../../../stores/sql-tabs.ts';
import '../../../theme/global-styles.ts';
import { theme } from '../../../theme/mantine-theme.ts';
import { UseAsButton } from './UseAsButton.tsx';

const OLD = { name: 'Query_3', rows: 7, bytes: 4_096, keptAt: '2026-01-01T00:00:00.000Z' };
const FILE: SchemaInfo = { dialect: 'sqlite', defaultSchema: 'main', tables: [], functions: [] };

async function show(): Promise<void> {
  await render(
    <MantineProvider theme={theme} env="test">
      <Notifications />
      <UseAsButton
        title="Query 3"
        resultId="r1"
        columns={[{ name: 'a', declared: null, type: 'integer' }]}
        view={WHOLE}
        rows={25}
        disabled={false}
      />
    </MantineProvider>,
  );
  await page.getByRole('button', { name: 'Use as' }).click();
  await page.getByRole('menuitem', { name: 'A local table…' }).click();
}

beforeEach(() => {
  useSqlSession.setState({ schema: FILE });
});
afterEach(() => {
  vi.restoreAllMocks();
  useSqlSession.setState({ schema: null });
});

it('a result is kept under a name from its tab, and opened as a statement', async () => {
  vi.spyOn(query, 'listTables').mockResolvedValue([]);
  const keep = vi.spyOn(query, 'keepTable').mockResolvedValue({ ...OLD, name: 'query_3x', rows: 25 });
  await show();
  const field = page.getByLabelText('Name of the table');
  await expect.element(field).toHaveFocus();
  await expect.element(field).toHaveValue('query_3');
  await userEvent.keyboard('{End}x{Enter}');
  await expect.element(page.getByText('25 rows kept as scratch.query_3x')).toBeVisible();
  expect(keep).toHaveBeenCalledWith('r1', { name: 'query_3x', replace: false }, WHOLE);
  await page.getByRole('button', { name: 'Open in SQL' }).click();
  await vi.waitFor(() => expect(getActiveTab()?.text).toBe('SELECT *\nFROM scratch.query_3x\nLIMIT 200;'));
});

it('a table of this name is replaced only where the button says so; a name that is none is not sent', async () => {
  vi.spyOn(query, 'listTables').mockResolvedValue([OLD]);
  const keep = vi.spyOn(query, 'keepTable').mockResolvedValue(OLD);
  await show();
  const replace = page.getByRole('button', { name: 'Replace its 7 rows with 25 rows' });
  await expect.element(replace).toBeVisible();
  await page.getByLabelText('Name of the table').fill('a b');
  await expect.element(page.getByText(/beginning with a letter/)).toBeVisible();
  await expect.element(page.getByRole('button', { name: 'Keep 25 rows' })).toBeDisabled();
  await page.getByLabelText('Name of the table').fill('query_3');
  await replace.click();
  await vi.waitFor(() => expect(keep).toHaveBeenCalledWith('r1', { name: 'query_3', replace: true }, WHOLE));
});
