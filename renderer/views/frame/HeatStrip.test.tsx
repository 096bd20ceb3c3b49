import { MantineProvider } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import '../../theme/global-styles.ts';
import { theme } from '../../theme/mantine-theme.ts';
import { HeatStrip } from './HeatStrip.tsx';
import { indexPartitions } from './strip-bins.ts';
import type { Range } from './strip-range.ts';

/** 100 days from the 1st of January, ten events in each of their hours. */
const INDEX = indexPartitions(
  Array.from({ length: 2400 }, (_, i) => {
    const start = Date.UTC(2024, 0, 1) + i * 3_600_000;
    return { hour: new Date(start).toISOString().slice(0, 13), rows: 10, firstTime: start, lastTime: start };
  }),
);
const onRange = vi.fn<(range: Range) => void>();
const onAsOf = vi.fn<(asOf: string | null) => void>();
const onRest = vi.fn<() => void>();
const onTogglePlay = vi.fn<() => void>();
const WHOLE: Range = { from: null, to: null };

/** 1000 px wide: one day is ten pixels. */
function Strip({ start }: { readonly start: Range }): ReactElement {
  const [range, setRange] = useState(start);
  const [asOf, setAsOf] = useState<string | null>(null);
  return (
    <MantineProvider theme={theme}>
      <div style={{ width: 1000, padding: '0 0 80px', display: 'flex' }}>
        <HeatStrip
          index={INDEX}
          zone="UTC"
          scheme="light"
          range={range}
          asOf={asOf}
          onRange={(next) => {
            onRange(next);
            setRange(next);
          }}
          onAsOf={(next) => {
            onAsOf(next);
            setAsOf(next);
          }}
          onRest={onRest}
          onTogglePlay={onTogglePlay}
        />
      </div>
    </MantineProvider>
  );
}

const pointer = (target: EventTarget, type: string, clientX: number): boolean =>
  target.dispatchEvent(
    new PointerEvent(type, { clientX, clientY: 20, button: 0, pointerId: 1, bubbles: true, cancelable: true }),
  );
const brush = (): HTMLElement => {
  const found = document.querySelector<HTMLElement>('canvas')?.parentElement;
  if (!found) throw new Error('no brush');
  return found;
};
async function drag(from: number, to: number, target: Element = brush()): Promise<void> {
  const { left } = brush().getBoundingClientRect();
  pointer(target, 'pointerdown', left + from);
  pointer(window, 'pointermove', left + (from + to) / 2);
  pointer(window, 'pointermove', left + to);
  await vi.waitFor(() => undefined);
  pointer(window, 'pointerup', left + to);
}

beforeEach(async () => {
  await page.viewport(1100, 300);
  onRange.mockClear();
  onAsOf.mockClear();
  onRest.mockClear();
  onTogglePlay.mockClear();
});

describe('by mouse', () => {
  test('a drag makes a range of whole days', async () => {
    await render(<Strip start={WHOLE} />);
    await drag(101, 302);
    await vi.waitFor(() => expect(onRange).toHaveBeenLastCalledWith({ from: '2024-01-11', to: '2024-01-30' }));
    expect(onRange).toHaveBeenCalledTimes(2); // it follows the hand
    expect(onRest).toHaveBeenCalledOnce();
  });
  test('a drag inside the range moves it', async () => {
    await render(<Strip start={{ from: '2024-01-11', to: '2024-01-20' }} />);
    await drag(150, 350);
    await vi.waitFor(() => expect(onRange).toHaveBeenLastCalledWith({ from: '2024-01-31', to: '2024-02-09' }));
    expect(onRange).toHaveBeenCalledTimes(2); // it follows the hand
    expect(onRest).toHaveBeenCalledOnce();
  });
  test('an edge can be dragged; to the end of the data it is open', async () => {
    await render(<Strip start={{ from: '2024-01-11', to: '2024-01-20' }} />);
    await drag(200, 1000, page.getByRole('slider', { name: 'End of the range' }).element());
    await vi.waitFor(() => expect(onRange).toHaveBeenLastCalledWith({ from: '2024-01-11', to: null }));
    expect(onRange).toHaveBeenCalledTimes(2); // it follows the hand
    expect(onRest).toHaveBeenCalledOnce();
  });
  test('Escape gives the drag up, a click does nothing', async () => {
    await render(<Strip start={WHOLE} />);
    const { left } = brush().getBoundingClientRect();
    pointer(brush(), 'pointerdown', left + 100);
    pointer(window, 'pointermove', left + 300);
    await userEvent.keyboard('{Escape}');
    pointer(window, 'pointerup', left + 300);
    expect(onRange).toHaveBeenLastCalledWith(WHOLE);
    onRange.mockClear();
    await drag(500, 502);
    expect(onRange).not.toHaveBeenCalled();
  });
  test('a double click takes the whole range', async () => {
    await render(<Strip start={{ from: '2024-01-11', to: '2024-01-20' }} />);
    brush().dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
    expect(onRange).toHaveBeenCalledExactlyOnceWith(WHOLE);
  });
  test('as of follows the pointer, and is now again at the end', async () => {
    await render(<Strip start={WHOLE} />);
    const handle = page.getByRole('slider', { name: 'As of' });
    const { left } = brush().getBoundingClientRect();
    handle.element().setPointerCapture = () => undefined;
    pointer(handle.element(), 'pointerdown', left + 1000);
    pointer(handle.element(), 'pointermove', left + 500);
    expect(onAsOf).toHaveBeenLastCalledWith('2024-02-19T23:59:59.999');
    pointer(handle.element(), 'pointermove', left + 1000);
    expect(onAsOf).toHaveBeenLastCalledWith(null);
  });
  test('Escape takes as of back to where it was', async () => {
    await render(<Strip start={WHOLE} />);
    const handle = page.getByRole('slider', { name: 'As of' });
    const { left } = brush().getBoundingClientRect();
    handle.element().setPointerCapture = () => undefined;
    pointer(handle.element(), 'pointerdown', left + 1000);
    pointer(handle.element(), 'pointermove', left + 500);
    handle.element().dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    expect(onAsOf).toHaveBeenLastCalledWith(null);
    expect(onRest).toHaveBeenCalledOnce();
    onAsOf.mockClear();
    pointer(handle.element(), 'pointermove', left + 300);
    expect(onAsOf).not.toHaveBeenCalled();
  });
  test('a right click offers what fits the day under it', async () => {
    await render(<Strip start={{ from: '2024-01-11', to: '2024-01-20' }} />);
    const { left } = brush().getBoundingClientRect();
    brush().dispatchEvent(new MouseEvent('contextmenu', { clientX: left + 305, bubbles: true, cancelable: true }));
    await expect.element(page.getByText('2024-01-31', { exact: true })).toBeVisible();
    await page.getByRole('menuitem', { name: 'Up to here' }).click();
    expect(onRange).toHaveBeenLastCalledWith({ from: '2024-01-11', to: '2024-01-31' });
  });
  test('a right click can set as of', async () => {
    await render(<Strip start={WHOLE} />);
    const { left } = brush().getBoundingClientRect();
    brush().dispatchEvent(new MouseEvent('contextmenu', { clientX: left + 305, bubbles: true, cancelable: true }));
    await page.getByRole('menuitem', { name: 'Look as of its end' }).click();
    expect(onAsOf).toHaveBeenLastCalledWith('2024-01-31T23:59:59.999');
  });
  test('the tip names the bin and its events', async () => {
    const screen = await render(<Strip start={WHOLE} />);
    pointer(brush(), 'pointermove', brush().getBoundingClientRect().left + 105);
    await expect.element(screen.getByText('2024-01-11 · 240 events')).toBeVisible();
  });
});

describe('by keyboard', () => {
  test('arrows move an edge by a day, with Shift by ten', async () => {
    await render(<Strip start={WHOLE} />);
    const start = page.getByRole('slider', { name: 'Start of the range' });
    start.element().focus();
    await userEvent.keyboard('{ArrowRight}');
    expect(onRange).toHaveBeenLastCalledWith({ from: '2024-01-02', to: null });
    await userEvent.keyboard('{Shift>}{ArrowRight}{/Shift}');
    expect(onRange).toHaveBeenLastCalledWith({ from: '2024-01-12', to: null });
    await userEvent.keyboard('{ArrowLeft}');
    expect(onRange).toHaveBeenLastCalledWith({ from: '2024-01-11', to: null });
    await expect.element(start).toHaveAttribute('aria-valuetext', expect.stringContaining('2024-01-11'));
    await userEvent.keyboard('{Home}');
    expect(onRange).toHaveBeenLastCalledWith(WHOLE);
  });
  test('as of goes back from now, and Space plays', async () => {
    await render(<Strip start={WHOLE} />);
    page.getByRole('slider', { name: 'As of' }).element().focus();
    await userEvent.keyboard('{ArrowLeft}');
    expect(onAsOf).toHaveBeenLastCalledWith('2024-04-08T23:59:59.999');
    await userEvent.keyboard(' ');
    expect(onTogglePlay).toHaveBeenCalledOnce();
    await userEvent.keyboard('{End}');
    expect(onAsOf).toHaveBeenLastCalledWith(null);
  });
  test('zoomed in, steps are hours', async () => {
    await render(<Strip start={WHOLE} />);
    page.getByRole('slider', { name: 'Start of the range' }).element().focus();
    await userEvent.keyboard('+++++++++');
    await userEvent.keyboard('{ArrowRight}');
    expect(onRange).toHaveBeenLastCalledWith({ from: '2024-01-01T01:00:00', to: null });
  });
});
