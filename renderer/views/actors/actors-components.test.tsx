import { MantineProvider } from '@mantine/core';
import type { ReactElement } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { EngineError, parseAnalysis, type ActorPage, type Timeline } from '../../../protocol/index.ts';
import { engine, type ActorsQuery } from '../../engine/client.ts';
import { usePanel } from '../../stores/panel.ts';
import '../../theme/global-styles.ts';
import { theme } from '../../theme/mantine-theme.ts';
import { ExportTargetContext } from '../../widgets/export-target.ts';
import { useActorCursor } from './actor-cursor.ts';
import { ActorsPanel } from './ActorsPanel.tsx';

const TOTAL = 1_204_500;
const analysis = parseAnalysis({
  type: 'funnel',
  steps: [{ event: 'signup' }, { event: 'pay' }],
  exclusions: [{ event: 'refund', fromStep: 0, toStep: 1 }],
});
const idOf = (i: number): string => `actor-${String(i).padStart(7, '0')}`;

/** What the engine answers: a list so long that it cannot be drawn, with a search. */
function answerActors({ offset = 0, limit = 200, search }: ActorsQuery): Promise<ActorPage> {
  const found =
    search === undefined
      ? Array.from({ length: Math.min(limit, TOTAL - offset) }, (_, i) => offset + i)
      : [Number(search)];
  const rows = found.map((i) => ({
    actor: idOf(i),
    firstTime: 0,
    lastTime: 60_000,
    events: 2,
    level: 1,
    stepTimes: [0, null],
  }));
  return Promise.resolve({ total: search === undefined ? TOTAL : 1, offset, rows });
}
const DAY = 86_400_000;
const timeline = (actor: string): Timeline => ({
  actor,
  totalEvents: 3,
  offset: 0,
  events: [
    { time: 0, event: 'signup', props: { plan: 'pro' }, ignored: false, step: 0 },
    { time: 60_000, event: 'refund', props: {}, ignored: false, exclusion: 0 },
    { time: 9 * DAY, event: 'pay', props: {}, ignored: true },
  ],
  funnel: {
    level: 1,
    attempts: 2,
    voidAttempts: 1,
    windowEndsAt: 7 * DAY,
    reason: 'pay came 2 d after the window had closed.',
  },
});

const saved: { name: string; content: string | Blob }[] = [];
const target = {
  save: (name: string, content: string | Blob) => Promise.resolve(saved.push({ name, content })).then(() => name),
};
async function openPanel(): Promise<void> {
  const panel: ReactElement = (
    <MantineProvider theme={theme} env="test">
      <ExportTargetContext value={target}>
        <div style={{ display: 'flex', flexDirection: 'column', width: 320, height: 600 }}>
          <ActorsPanel />
        </div>
      </ExportTargetContext>
    </MantineProvider>
  );
  await render(panel);
}

beforeEach(() => {
  saved.length = 0;
  vi.spyOn(engine, 'actors').mockImplementation(answerActors);
  vi.spyOn(engine, 'timeline').mockImplementation(({ actor }) => Promise.resolve(timeline(actor)));
  useActorCursor.setState({ index: null, total: 0, search: '' });
  usePanel.getState().reset();
  usePanel
    .getState()
    .showActors({ analysis, selection: { droppedBeforeStep: 1 }, title: 'Dropped before step 2, pay' });
});
afterEach(() => vi.restoreAllMocks());

const count = new Intl.NumberFormat().format(TOTAL);

describe('the list of a million actors', () => {
  it('says the number, draws only what is in sight, and reaches the last one by End', async () => {
    await openPanel();
    await expect
      .element(page.getByRole('heading', { name: `Dropped before step 2, pay · ${count} actors` }))
      .toBeVisible();
    await expect.element(page.getByText(idOf(0))).toBeVisible();
    expect(document.querySelectorAll('[role=option]').length).toBeLessThan(30);
    page.getByRole('listbox').element().focus();
    await userEvent.keyboard('{End}');
    await expect.element(page.getByText(idOf(TOTAL - 1))).toBeVisible();
    await userEvent.keyboard('{Home}');
    await expect.element(page.getByText(idOf(0))).toBeVisible();
  });
  it('asks for a page once', async () => {
    await openPanel();
    await expect.element(page.getByText(idOf(0))).toBeVisible();
    page.getByRole('listbox').element().focus();
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{PageDown}{PageUp}');
    expect(vi.mocked(engine.actors).mock.calls.filter(([query]) => query.offset === 0)).toHaveLength(1);
  });
  it('searches by id', async () => {
    await openPanel();
    await page.getByLabelText('Search actors').fill('777777');
    await expect.element(page.getByText(idOf(777_777))).toBeVisible();
    await expect.element(page.getByText('1 of them contain “777777”')).toBeVisible();
  });
  it('exports exactly the actors of the number', async () => {
    const csv = vi.spyOn(engine, 'csv').mockResolvedValue('actor\r\n');
    await openPanel();
    await page.getByRole('button', { name: `Export ${count} actors` }).click();
    await vi.waitFor(() => expect(saved).toHaveLength(1));
    expect(csv.mock.calls[0]?.[0]).toEqual({ analysis, selection: { droppedBeforeStep: 1 } });
    expect(saved[0]?.name).toMatch(/^tributary-actors-dropped-before-step-2-pay-.*\.csv$/);
  });
  it('says what went wrong and tries again', async () => {
    vi.mocked(engine.actors).mockRejectedValueOnce(
      new EngineError('E_SOURCE_CHANGED', 'The file has changed.', { hint: 'Open it again.' }),
    );
    await openPanel();
    await expect.element(page.getByText('The file has changed.')).toBeVisible();
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.element(page.getByText(idOf(0))).toBeVisible();
  });
});

describe('one actor', () => {
  it('tells why it was not counted, what voided an attempt and where the window closed', async () => {
    await openPanel();
    await page.getByText(idOf(2)).click();
    await expect.element(page.getByText('pay came 2 d after the window had closed.')).toBeVisible();
    await expect.element(page.getByText('Reached step 1 of 2')).toBeVisible();
    await expect.element(page.getByText('Voided an attempt: excluded refund')).toBeVisible();
    const order = [...document.querySelectorAll('ol > li')].map((li) =>
      li.textContent.replace(/\d\d:\d\d:\d\d/, '').slice(0, 13),
    );
    expect(order).toEqual(['1970-01-01', '1signup', 'refund+1 minV', 'Window closed', '1970-01-10', 'pay+9 d']);
    expect(document.querySelector('li[data-ignored]')?.textContent).toContain('pay');
  });
  it('shows properties when opened', async () => {
    await openPanel();
    await page.getByText(idOf(0)).click();
    await page.getByRole('button', { name: /signup/ }).click();
    await expect.element(page.getByText('plan', { exact: true })).toBeVisible();
    await expect.element(page.getByText('pro', { exact: true })).toBeVisible();
  });
  it('steps through the list and comes back to where it was', async () => {
    await openPanel();
    await page.getByText(idOf(1)).click();
    await page.getByRole('button', { name: 'Next actor' }).click();
    await expect.element(page.getByRole('heading', { name: idOf(2) })).toBeVisible();
    await page.getByRole('button', { name: 'Previous actor' }).click();
    await page.getByRole('button', { name: 'Previous actor' }).click();
    await expect.element(page.getByRole('heading', { name: idOf(0) })).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Previous actor' })).toBeDisabled();
    await page.getByRole('button', { name: 'Back to the list' }).click();
    await expect.element(page.getByRole('listbox')).toBeVisible();
  });
});
