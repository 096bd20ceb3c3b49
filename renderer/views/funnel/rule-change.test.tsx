import { MantineProvider } from '@mantine/core';
import type { ReactElement } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { FunnelSchema, type ActorDifference, type FunnelQuery } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { usePanel } from '../../stores/panel.ts';
import '../../theme/global-styles.ts';
import { theme } from '../../theme/mantine-theme.ts';
import { RuleChangeLine } from './RuleChangeLine.tsx';
import { useRuleChange } from './use-rule-change.ts';

const funnel = (days: number, more: object = {}): FunnelQuery =>
  FunnelSchema.parse({
    type: 'funnel',
    steps: [{ event: 'a' }, { event: 'b' }],
    window: { value: days, unit: 'day' },
    ...more,
  });
const idsOf = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

function Line({ answered, source }: { answered: FunnelQuery | null; source: string }): ReactElement {
  const { change, dismiss } = useRuleChange(answered, source);
  return (
    <MantineProvider theme={theme} env="test">
      {change === null ? 'no line' : <RuleChangeLine change={change} onDismiss={dismiss} />}
    </MantineProvider>
  );
}
const difference: ActorDifference = {
  onlyA: 5,
  onlyB: 1200,
  both: 7,
  onlyAActors: idsOf('out', 5),
  onlyBActors: idsOf('in', 1000),
};

beforeEach(() => {
  vi.spyOn(engine, 'difference').mockResolvedValue(difference);
  usePanel.getState().reset();
});
afterEach(() => vi.restoreAllMocks());

describe('which actors a change of rule moved', () => {
  it('compares where the change began with where it rests', async () => {
    const screen = await render(<Line answered={funnel(30)} source="s" />);
    await screen.rerender(<Line answered={funnel(1)} source="s" />);
    await screen.rerender(<Line answered={funnel(14)} source="s" />);
    await expect.element(page.getByText('1,200 actors in')).toBeVisible();
    expect(engine.difference).toHaveBeenCalledTimes(1);
    const [query] = vi.mocked(engine.difference).mock.calls[0] ?? [];
    expect([query?.a.analysis, query?.b.analysis]).toEqual([funnel(30), funnel(14)]);
    expect(query?.a.selection).toEqual({ reachedStep: 1 });
  });
  it('says nothing when only the picture, a name or the breakdown changed', async () => {
    const screen = await render(<Line answered={funnel(30)} source="s" />);
    await screen.rerender(
      <Line
        answered={funnel(30, {
          viz: 'trend',
          breakdown: { props: ['p'] },
          steps: [{ event: 'a', name: 'A' }, { event: 'b' }],
        })}
        source="s"
      />,
    );
    await new Promise((done) => setTimeout(done, 700));
    expect(engine.difference).not.toHaveBeenCalled();
  });
  it('starts anew with another source', async () => {
    const screen = await render(<Line answered={funnel(30)} source="s" />);
    await screen.rerender(<Line answered={funnel(7)} source="other" />);
    await new Promise((done) => setTimeout(done, 700));
    expect(engine.difference).not.toHaveBeenCalled();
  });
  it('opens exactly the actors it names: those out in the funnel before, those in in the funnel now', async () => {
    // More are in than the comparison lists: both whole lists are asked.
    const lists = new Map([
      [30, idsOf('both', 7).concat(idsOf('out', 5))],
      [60, idsOf('both', 7).concat(idsOf('in', 1200))],
    ]);
    vi.spyOn(engine, 'actors').mockImplementation(({ analysis }) => {
      const ids = lists.get((analysis as FunnelQuery).window?.value ?? 0) ?? [];
      return Promise.resolve({
        total: ids.length,
        offset: 0,
        rows: ids.map((actor) => ({ actor, firstTime: 0, lastTime: 0, events: 1 })),
      });
    });
    const screen = await render(<Line answered={funnel(30)} source="s" />);
    await screen.rerender(<Line answered={funnel(60)} source="s" />);
    await page.getByText('1,200 actors in').click();
    await vi.waitFor(() =>
      expect(usePanel.getState().content).toMatchObject({ kind: 'actors', title: 'In by the last change' }),
    );
    const list = (): { analysis: FunnelQuery } => usePanel.getState().content as unknown as { analysis: FunnelQuery };
    expect(list().analysis).toEqual({ ...funnel(60), where: [{ prop: '$actor', op: 'in', value: idsOf('in', 1200) }] });
    await page.getByText('5 actors out').click();
    await vi.waitFor(() =>
      expect(list().analysis).toEqual({ ...funnel(30), where: [{ prop: '$actor', op: 'in', value: idsOf('out', 5) }] }),
    );
  });
});
