import { MantineProvider } from '@mantine/core';
import { expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import type { PlannedPartitions } from '../../protocol/index.ts';
import { AnswerState } from './states.tsx';

const partition = { bounds: null, rows: null, isForeign: false, bytes: 1_500_000 };
const planned: PlannedPartitions = {
  plan: {
    partitionsRead: 744,
    partitionsTotal: 1_000,
    rowsRead: 30_000_000,
    rowsTotal: 40_000_000,
    fromHour: null,
    toHour: null,
    guardHours: 0,
    scan: 'pruned',
    columns: [],
    threads: 2,
    compute: {
      way: 'pull',
      why: 'Asked for: rows are moved here.',
      rowsToMove: 30_000_000,
      bytesToMove: 2_520_000_000,
      cost: null,
      sql: null,
      noPushdown: null,
      needsConfirmation: true,
    },
  },
  partitions: [
    { ...partition, name: 'a', isRead: true },
    { ...partition, name: 'b', isRead: false },
  ],
};

it('beyond the budget the plan stands with the question, and a yes runs it', async () => {
  const retry = vi.fn<() => void>();
  const cancel = vi.fn<() => void>();
  const error = { code: 'E_NEEDS_CONFIRMATION' as const, message: 'That is more than the budget.', hint: 'Say yes.' };
  const answer = {
    status: 'error',
    result: null,
    stale: false,
    progress: null,
    retry,
    cancel,
  } as const;
  await render(
    <MantineProvider>
      <AnswerState answer={{ ...answer, error, planned }}>{() => null}</AnswerState>
    </MantineProvider>,
  );
  const question = page.getByRole('alert');
  for (const text of ['That is more than the budget.', '1 of 2, 1.5 MB on disk', '30,000,000 rows, about 2.52 GB'])
    await expect.element(question.getByText(text)).toBeVisible();
  await page.getByRole('button', { name: 'Run all the same' }).click();
  expect(retry).toHaveBeenCalledOnce();
  expect(cancel).not.toHaveBeenCalled();
  await page.getByRole('button', { name: 'Do not run' }).click();
  expect(cancel).toHaveBeenCalledOnce();
});
