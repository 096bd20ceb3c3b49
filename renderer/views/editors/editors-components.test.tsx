import { MantineProvider } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import {
  WhereSchema,
  type Breakdown,
  type Condition,
  type PropertyValues,
  type SourceInfo,
} from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { useSession } from '../../stores/session.ts';
import '../../theme/global-styles.ts';
import { theme } from '../../theme/mantine-theme.ts';
import { BreakdownEditor } from './BreakdownEditor.tsx';
import { WhereEditor } from './WhereEditor.tsx';

let source = 0;
const show = async (element: ReactElement): Promise<void> => {
  await render(
    <MantineProvider theme={theme} env="test">
      <div style={{ width: 296, padding: 16 }}>{element}</div>
    </MantineProvider>,
  );
};
const plans: PropertyValues = {
  property: 'plan',
  distinct: 700,
  values: [
    { value: 'pro', count: 30 },
    { value: 'starter', count: 20 },
  ],
};

beforeEach(async () => {
  await page.viewport(800, 800);
  source++;
  useSession.setState({
    // Of the source only its id is read here.
    source: { sourceId: `s${source}` } as SourceInfo,
    vocabulary: {
      events: [],
      properties: [
        { name: 'plan', count: 50 },
        { name: 'country', count: 9 },
      ],
    },
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  useSession.setState({ source: null, vocabulary: null });
});

function Where({ start = [], log }: { start?: Condition[]; log: (Condition[] | undefined)[] }): ReactElement {
  const [where, setWhere] = useState<Condition[] | undefined>(start);
  const put = (next: Condition[] | undefined): void => {
    log.push(next);
    setWhere(next);
  };
  return <WhereEditor subject="step 1" where={where} onChange={put} />;
}

describe('filters', () => {
  it('offer properties and values of the data with their counts; nothing changes before the filter is complete', async () => {
    const values = vi.spyOn(engine, 'values').mockResolvedValue(plans);
    const log: (Condition[] | undefined)[] = [];
    await show(<Where log={log} />);
    await page.getByRole('button', { name: 'Add a filter to step 1' }).click();
    await page.getByRole('option', { name: /plan/ }).click();
    await expect.element(page.getByRole('button', { name: 'Apply filter' })).toBeDisabled();
    await page.getByRole('button', { name: 'Value: none' }).click();
    await expect.element(page.getByRole('option', { name: 'pro 30' })).toBeVisible();
    await expect.element(page.getByText('2 most frequent of 700 values')).toBeVisible();
    await page.getByRole('option', { name: 'pro 30' }).click();
    expect(log).toEqual([]);
    await page.getByRole('button', { name: 'Apply filter' }).click();
    expect(log).toEqual([[{ prop: 'plan', op: 'in', value: ['pro'] }]]);
    await expect.element(page.getByRole('button', { name: 'Filter of step 1: plan is one of pro' })).toBeVisible();
    expect(values).toHaveBeenCalledTimes(1);
  });
  it('are written by keyboard alone', async () => {
    vi.spyOn(engine, 'values').mockResolvedValue(plans);
    const log: (Condition[] | undefined)[] = [];
    await show(<Where log={log} />);
    page.getByRole('button', { name: 'Add a filter to step 1' }).element().focus();
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('textbox', { name: 'Search: Property' })).toHaveFocus();
    await userEvent.keyboard('plan{Enter}');
    await expect.element(page.getByRole('button', { name: 'Property: plan' })).toHaveFocus();
    await userEvent.keyboard('{Tab}{Tab}{Enter}');
    await expect.element(page.getByRole('option', { name: 'starter 20' })).toBeVisible();
    await userEvent.keyboard('star{Enter}');
    await expect.element(page.getByRole('button', { name: 'Remove starter' })).toBeVisible();
    await userEvent.keyboard('{Tab}{Enter}');
    expect(log).toEqual([[{ prop: 'plan', op: 'in', value: ['starter'] }]]);
  });
  it('take a value that is not in the list', async () => {
    vi.spyOn(engine, 'values').mockResolvedValue(plans);
    const log: (Condition[] | undefined)[] = [];
    await show(<Where log={log} start={[{ prop: 'plan', op: 'eq', value: 'pro' }]} />);
    await page.getByRole('button', { name: /^Filter of step 1/ }).click();
    await page.getByRole('button', { name: 'Value: pro' }).click();
    await userEvent.keyboard('platinum');
    await page.getByText('Use “platinum”').click();
    await page.getByRole('button', { name: 'Apply filter' }).click();
    expect(log).toEqual([[{ prop: 'plan', op: 'eq', value: 'platinum' }]]);
    expect(WhereSchema.safeParse(log[0]).success).toBe(true);
  });
  it('are removed by their cross; the last one leaves no empty list behind', async () => {
    const log: (Condition[] | undefined)[] = [];
    await show(<Where log={log} start={[{ prop: 'plan', op: 'is_set' }]} />);
    await page.getByRole('button', { name: /^Remove filter plan is set/ }).click();
    expect(log).toEqual([undefined]);
  });
  it('written by hand as groups are shown, can be removed, and are not opened for editing', async () => {
    const log: (Condition[] | undefined)[] = [];
    await show(
      <Where
        log={log}
        start={[
          {
            or: [
              { prop: 'plan', op: 'is_set' },
              { prop: 'x', op: 'eq', value: 1 },
            ],
          },
        ]}
      />,
    );
    await expect
      .element(page.getByRole('button', { name: 'Filter of step 1: (plan is set or x is 1)' }))
      .toBeDisabled();
  });
});

describe('breakdown', () => {
  function Editor({ log }: { log: (Breakdown | null)[] }): ReactElement {
    const [value, setValue] = useState<Breakdown | null>(null);
    const put = (next: Breakdown | null): void => {
      log.push(next);
      setValue(next);
    };
    return <BreakdownEditor value={value} steps={['Signup', 'Pay']} onChange={put} />;
  }
  it('starts with the first touch and a few groups, and goes with its last property', async () => {
    const log: (Breakdown | null)[] = [];
    await show(<Editor log={log} />);
    await page.getByRole('button', { name: /^New breakdown/ }).click();
    await page.getByRole('option', { name: /plan/ }).click();
    await page.getByRole('button', { name: 'And property' }).click();
    await page.getByRole('option', { name: /country/ }).click();
    expect(log.at(-1)).toEqual({ props: ['plan', 'country'], attribution: { type: 'first_touch' }, limit: 8 });
    await page.getByRole('combobox', { name: 'Which value counts' }).click();
    await page.getByRole('option', { name: 'Value at step 2, Pay' }).click();
    expect(log.at(-1)?.attribution).toEqual({ type: 'step', step: 1 });
    await page.getByRole('button', { name: 'Remove breakdown by plan' }).click();
    await page.getByRole('button', { name: 'Remove breakdown by country' }).click();
    expect(log.at(-1)).toBeNull();
  });
});
