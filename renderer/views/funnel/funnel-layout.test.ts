import { describe, expect, it } from 'vitest';
import type { FunnelStepResult } from '../../../protocol/index.ts';
import { getFunnelLayout, HEADER, type FunnelSeries } from './funnel-layout.ts';

const steps = (...counts: number[]): FunnelStepResult[] =>
  counts.map((count, i) => ({
    name: `s${i}`,
    count,
    conversionFromStart: count / (counts[0] ?? 1),
    conversionFromPrevious: i === 0 ? 1 : count / (counts[i - 1] ?? 1),
  }));
const series = (...counts: number[]): FunnelSeries => ({
  label: 'All',
  color: '#000',
  group: null,
  steps: steps(...counts),
});
const wide = { width: 900, height: 400 };
const of = (layout: ReturnType<typeof getFunnelLayout>, kind: 'bar' | 'drop') =>
  layout.marks.filter((m) => m.kind === kind);

describe('wide funnel', () => {
  const layout = getFunnelLayout([series(10_000, 5000, 2500)], wide);
  it('has bars in proportion that start at zero', () => {
    const [a, b, c] = of(layout, 'bar').map((m) => m.rect);
    expect(a?.height).toBe(layout.plot.height);
    expect(b?.height).toBeCloseTo(layout.plot.height / 2);
    expect(c?.height).toBeCloseTo(layout.plot.height / 4);
    for (const r of [a, b, c]) expect((r?.y ?? 0) + (r?.height ?? 0)).toBeCloseTo(HEADER + layout.plot.height);
  });
  it('stacks each drop-off from this bar up to the height of the one before', () => {
    const [drop] = of(layout, 'drop');
    expect(drop).toMatchObject({ step: 1, count: 5000, share: 0.5 });
    expect(drop?.rect.y).toBeCloseTo(layout.plot.y);
    expect(drop?.rect.height).toBeCloseTo(layout.plot.height / 2);
  });
  it('shows which part of the bar of an optional step passed it by', () => {
    const [a, b, c] = steps(1000, 800, 600);
    if (a === undefined || b === undefined || c === undefined) throw new Error('three steps');
    const optional = getFunnelLayout([{ ...series(), steps: [a, { ...b, filled: 200 }, { ...c, filled: 600 }] }], wide);
    const [, second, third] = of(optional, 'bar');
    expect(second?.passed?.y).toBe(second?.rect.y);
    expect(second?.passed?.height).toBeCloseTo(optional.plot.height * 0.6);
    expect(third?.passed).toBeNull();
  });
  it('keeps inside its size and apart', () => {
    for (const { rect } of layout.marks) expect(rect.x + rect.width).toBeLessThanOrEqual(900);
    layout.cells
      .slice(1)
      .forEach((cell, i) => expect((layout.cells[i]?.x ?? 0) + (layout.cells[i]?.width ?? 0)).toBeLessThan(cell.x));
  });
  it('draws slopes for one series only', () => {
    expect(layout.slopes).toHaveLength(2);
    expect(getFunnelLayout([series(4, 2), series(8, 1)], wide).slopes).toEqual([]);
  });
});

describe('narrow funnel', () => {
  it('turns when a column could not hold its numbers, and grows downwards', () => {
    const layout = getFunnelLayout([series(8, 4, 2, 1, 1)], { width: 400, height: 100 });
    expect(layout.orientation).toBe('horizontal');
    expect(of(layout, 'bar').map((m) => m.rect.width)).toEqual([400, 200, 100, 50, 50]);
    expect(of(layout, 'drop')[0]?.rect).toMatchObject({ x: 200, width: 200 });
    expect(layout.height).toBeGreaterThan(300);
  });
});

describe('edges', () => {
  it('nobody entered: bars without height, no drop, no slope, no NaN', () => {
    const layout = getFunnelLayout([series(0, 0)], wide);
    expect(layout.marks.map((m) => m.rect.height)).toEqual([0, 0]);
    expect(layout.slopes).toEqual([]);
    expect(JSON.stringify(layout)).not.toContain('null,"y"');
  });
  it('an interval is drawn where there are few actors', () => {
    const [, few] = of(getFunnelLayout([series(20, 10)], wide), 'bar');
    const [, many] = of(getFunnelLayout([series(20_000, 10_000)], wide), 'bar');
    expect(few?.whisker?.high).toBeLessThan(few?.whisker?.low ?? 0);
    expect(many?.whisker).toBeNull();
  });
  it('a step that more people reached than the one before has no drop-off', () => {
    expect(of(getFunnelLayout([series(10, 2, 5)], wide), 'drop').map((m) => m.step)).toEqual([1]);
  });
});
