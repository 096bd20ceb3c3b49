import { MantineProvider } from '@mantine/core';
import { useState, type ReactElement, type ReactNode } from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { FunnelSchema, type FunnelQuery, type FunnelResult, type FunnelStepResult } from '../../../protocol/index.ts';
import { useSession } from '../../stores/session.ts';
import '../../theme/global-styles.ts';
import { theme } from '../../theme/mantine-theme.ts';
import type { FigureHandle } from '../editors/SvgFigure.tsx';
import { BreakdownTable } from './BreakdownTable.tsx';
import { FunnelChart } from './FunnelChart.tsx';
import type { FunnelMark, FunnelSeries } from './funnel-layout.ts';
import { FunnelRules } from './FunnelRules.tsx';
import { groupKey } from './group-table.ts';

const Frame = ({ children }: { children: ReactNode }): ReactElement => (
  <MantineProvider theme={theme} env="test">
    <div style={{ width: 900, padding: 16 }}>{children}</div>
  </MantineProvider>
);
const funnelOf = (...events: string[]): FunnelQuery =>
  FunnelSchema.parse({ type: 'funnel', steps: events.map((event) => ({ event })) });

/** The editor as the view uses it; `log` has the labels of all undo steps. */
function Editor({
  start,
  log,
  onFunnel,
}: {
  start: FunnelQuery;
  log: string[];
  onFunnel: (funnel: FunnelQuery) => void;
}): ReactElement {
  const [funnel, setFunnel] = useState(start);
  return (
    <div style={{ width: 296 }}>
      <FunnelRules
        funnel={funnel}
        onChange={(change, label) => {
          log.push(label);
          const next = change(funnel);
          onFunnel(next);
          setFunnel(next);
        }}
      />
    </div>
  );
}
async function openEditor(start: FunnelQuery) {
  const log: string[] = [];
  let funnel = start;
  await render(
    <Frame>
      <Editor start={start} log={log} onFunnel={(next) => (funnel = next)} />
    </Frame>,
  );
  return { log, names: () => funnel.steps.map((s) => s.event ?? '*').join(' '), funnel: () => funnel };
}
const handle = (step: number) => page.getByRole('button', { name: new RegExp(`^Step ${step} of`) });

beforeEach(async () => {
  await page.viewport(1000, 900);
  useSession.setState({
    vocabulary: {
      events: ['alpha', 'beta', 'gamma', 'delta'].map((name, i) => ({ name, count: 1000 - 100 * i, actors: 10 })),
      properties: [{ name: 'plan', count: 50 }],
    },
  });
});

describe('editing steps by keyboard', () => {
  it('Alt+↓ moves, keeps the focus on the moved step and says so', async () => {
    const editor = await openEditor(funnelOf('alpha', 'beta', 'gamma'));
    handle(1).element().focus();
    await userEvent.keyboard('{Alt>}{ArrowDown}{/Alt}');
    expect(editor.names()).toBe('beta alpha gamma');
    await expect.element(page.getByText('alpha moved to step 2 of 3')).toBeInTheDocument();
    await expect.element(handle(2)).toHaveFocus();
    await userEvent.keyboard('{Alt>}{ArrowDown}{ArrowDown}{/Alt}');
    expect(editor.names()).toBe('beta gamma alpha');
  });
  it('Delete removes, but not the last step', async () => {
    const editor = await openEditor(funnelOf('alpha', 'beta'));
    handle(2).element().focus();
    await userEvent.keyboard('{Delete}');
    expect(editor.names()).toBe('alpha');
    await expect.element(handle(1)).toHaveFocus();
    await userEvent.keyboard('{Delete}');
    expect(editor.names()).toBe('alpha');
    expect(editor.log).toEqual(['Remove a step']);
  });
  it('+ opens the list of events, typing finds one, Enter adds it', async () => {
    const editor = await openEditor(funnelOf('alpha'));
    handle(1).element().focus();
    await userEvent.keyboard('+');
    await userEvent.keyboard('delt');
    await expect.element(page.getByRole('option', { name: /delta/ })).toBeVisible();
    await userEvent.keyboard('{Enter}');
    await vi.waitFor(() => expect(editor.names()).toBe('alpha delta'));
  });
});

describe('editing steps by pointer', () => {
  it('a card dragged by its handle lands where the line shows', async () => {
    const editor = await openEditor(funnelOf('alpha', 'beta', 'gamma'));
    const at = (step: number): DOMRect => handle(step).element().getBoundingClientRect();
    const grip = handle(1).element();
    const fire = (type: string, y: number): boolean =>
      grip.dispatchEvent(
        new PointerEvent(type, { bubbles: true, clientX: at(1).x + 5, clientY: y, pointerId: 1, button: 0 }),
      );
    // A synthetic pointer cannot be captured.
    grip.setPointerCapture = () => undefined;
    fire('pointerdown', at(1).y + 5);
    await vi.waitFor(() => expect(document.querySelector('[data-dragged="true"]')).not.toBeNull());
    fire('pointermove', at(3).bottom + 40);
    await vi.waitFor(() =>
      expect(document.querySelector('[data-drop="after"]')?.getAttribute('aria-label')).toBe('Step 3: gamma'),
    );
    expect(editor.names()).toBe('alpha beta gamma');
    fire('pointerup', at(3).bottom + 40);
    await vi.waitFor(() => expect(editor.names()).toBe('beta gamma alpha'));
    expect(editor.log).toEqual(['Move a step']);
  });
  it('the menu names a step and makes it optional, the first one never', async () => {
    const editor = await openEditor(funnelOf('alpha', 'beta'));
    await page.getByRole('button', { name: 'More for step 2' }).click();
    await page.getByText('Optional', { exact: true }).click();
    expect(editor.funnel().steps[1]).toEqual({ event: 'beta', optional: true });
    await page.getByRole('button', { name: 'More for step 2' }).click();
    await page.getByText('Rename').click();
    await expect.element(page.getByLabelText('Name of step 2')).toHaveFocus();
    await userEvent.keyboard('Pays{Enter}');
    expect(editor.funnel().steps[1]).toEqual({ event: 'beta', optional: true, name: 'Pays' });
    await handle(2).click();
    await userEvent.keyboard('{Alt>}{ArrowUp}{/Alt}');
    expect(editor.funnel().steps[0]).toEqual({ event: 'beta', name: 'Pays' });
  });
  it('an alternative and an exclusion are added from the vocabulary', async () => {
    const editor = await openEditor(funnelOf('alpha', 'beta'));
    await page.getByRole('button', { name: 'Add an alternative event to step 1' }).click();
    await page.getByRole('option', { name: /gamma/ }).click();
    await page.getByRole('button', { name: 'Add an exclusion' }).click();
    await page.getByRole('option', { name: /delta/ }).click();
    expect(editor.funnel().steps[0]).toEqual({ anyOf: [{ event: 'alpha' }, { event: 'gamma' }] });
    expect(editor.funnel().exclusions).toEqual([{ event: 'delta', fromStep: 0, toStep: 1 }]);
    expect(FunnelSchema.safeParse(editor.funnel()).success).toBe(true);
  });
});

const stepsOf = (...counts: number[]): FunnelStepResult[] =>
  counts.map((count, i) => ({
    name: `step ${'abc'[i]}`,
    count,
    conversionFromStart: count / (counts[0] ?? 1),
    conversionFromPrevious: i === 0 ? 1 : count / (counts[i - 1] ?? 1),
  }));
const all: FunnelSeries = { label: 'All actors', color: '#157f8f', group: null, steps: stepsOf(1000, 400, 100) };

describe('the funnel chart', () => {
  async function draw(width = 800) {
    const opened: string[] = [];
    let figure: FigureHandle | null = null;
    const onSelect = (mark: FunnelMark): void => void opened.push(`${mark.kind} ${mark.step}`);
    await render(
      <Frame>
        <FunnelChart
          ref={(handle) => {
            figure = handle;
          }}
          series={[all]}
          total={all.steps}
          stepColors={['#157f8f', '#946000', '#b0408f']}
          optional={[]}
          width={width}
          height={400}
          onSelect={onSelect}
        />
      </Frame>,
    );
    return { opened, figure: () => figure as unknown as FigureHandle };
  }
  it('is one tab stop; arrows walk bars and drop-offs, Enter opens them', async () => {
    const { opened } = await draw();
    await userEvent.tab();
    await userEvent.keyboard('{ArrowRight}{Enter}');
    await userEvent.keyboard('{ArrowRight}{Enter}');
    await userEvent.keyboard('{End}{Enter}');
    expect(opened).toEqual(['drop 1', 'bar 1', 'bar 2']);
    expect(document.querySelectorAll('[data-mark][tabindex="0"]')).toHaveLength(1);
  });
  it('says exact numbers for what the pointer is on, and opens a drop-off by click', async () => {
    const { opened } = await draw();
    const drop = page.getByRole('button', { name: /^Dropped before step 3, step c. Actors: 300. Of step 2: 75.0%/ });
    await drop.hover();
    await expect.element(page.getByText('Click for the actors')).toBeVisible();
    await drop.click();
    expect(opened).toEqual(['drop 2']);
  });
  it('a right click offers the actors', async () => {
    const { opened } = await draw();
    await page.getByRole('button', { name: /^Step 2, step b/ }).click({ button: 'right' });
    await page.getByText('Show the actors').click();
    expect(opened).toEqual(['bar 1']);
  });
  it('turns when it is narrow, with the same numbers', async () => {
    await draw(300);
    const texts = [...document.querySelectorAll('svg text')].map((t) => t.textContent);
    expect(texts.join(' ')).toContain('10.0%');
    const bar = document.querySelector('[data-mark="bar-1-0"]');
    expect(bar?.getAttribute('width')).toBe('120');
  });
  it('exports an SVG that needs nothing of the page', async () => {
    const { figure } = await draw();
    const svg = figure().getSvg();
    expect(new DOMParser().parseFromString(svg, 'image/svg+xml').querySelector('parsererror')).toBeNull();
    expect(svg).not.toMatch(/var\(|class=|tabindex|data-mark/);
    expect(svg).toContain('40.0%');
    expect(svg).toMatch(/width="832" height="\d+"/);
  });
  it('exports a PNG of twice its size that is not empty', async () => {
    const { figure } = await draw();
    const bitmap = await createImageBitmap(await figure().getPng());
    expect(bitmap.width).toBe(1664);
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d');
    context?.drawImage(bitmap, 0, 0);
    // Inside the first bar, and on the paper right of the last.
    const pixel = (x: number, y: number): number[] => [...(context?.getImageData(x, y, 1, 1).data ?? [])].slice(0, 3);
    expect(pixel(152, bitmap.height - 92)).toEqual([0x15, 0x7f, 0x8f]);
    expect(pixel(bitmap.width - 4, 10)).toEqual([255, 255, 255]);
  });
});

describe('the breakdown table', () => {
  const groups = [
    ['pro', 100, 10],
    ['', 300, 60],
  ].map(([value, a, b]) => ({ value: [String(value)], steps: stepsOf(Number(a), Number(b)) }));
  const result = { steps: stepsOf(400, 70), groups, groupCount: 2 } as unknown as FunnelResult;
  it('sorts by click, names the blank group, and every number opens its actors', async () => {
    const onSelect = vi.fn<(step: number, group: readonly string[] | null) => void>();
    await render(
      <Frame>
        <BreakdownTable
          result={result}
          properties={['plan']}
          drawn={new Set([groupKey(['pro'])])}
          colorOf={() => '#157f8f'}
          onToggle={() => undefined}
          onSelect={onSelect}
        />
      </Frame>,
    );
    const names = (): (string | null)[] => [...document.querySelectorAll('tbody th')].map((th) => th.textContent);
    expect(names()).toEqual(['All actors', '(none)', 'pro']);
    await page.getByRole('button', { name: 'plan' }).click();
    await page.getByRole('button', { name: 'plan' }).click();
    expect(names()).toEqual(['All actors', 'pro', '(none)']);
    await page.getByRole('button', { name: '(none), step 2: 60 actors' }).click();
    expect(onSelect).toHaveBeenCalledWith(1, ['']);
    await page.getByRole('button', { name: 'All actors, step 1: 400 actors' }).click();
    expect(onSelect).toHaveBeenLastCalledWith(0, null);
  });
});
