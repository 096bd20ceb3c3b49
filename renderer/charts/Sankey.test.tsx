import { describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-react';
import { page, userEvent } from 'vitest/browser';
import type { SankeyGraph, SankeyNode } from './sankey-graph.ts';
import { Sankey } from './Sankey.tsx';

const node = (id: string, column: number, value: number, dropOff = 0): SankeyNode => ({
  id,
  column,
  name: id,
  color: '#157f8f',
  value,
  dropOff,
  remainderIn: 0,
  remainderOut: 0,
  continues: 0,
});
/** 10 sign up: 6 pay, 3 leave, 1 stops. */
const graph: SankeyGraph = {
  nodes: [node('signup', 0, 10, 1), node('pay', 1, 6, 6), node('leave', 1, 3, 3)],
  links: [
    { id: 'signup>pay', source: 'signup', target: 'pay', value: 6 },
    { id: 'signup>leave', source: 'signup', target: 'leave', value: 3 },
  ],
};

async function draw(onSelect = vi.fn<(...what: unknown[]) => void>()) {
  await render(
    <div style={{ width: 640, height: 320 }}>
      <Sankey
        graph={graph}
        total={10}
        columnTitles={['Step 1', 'Step 2']}
        label="Flow of 10 paths"
        tip={(t) => ({ title: `${t.kind} ${t.id}`, rows: [] })}
        onSelect={onSelect}
      />
    </div>,
  );
  return onSelect;
}
const mark = (kind: string, id: string): SVGElement | null =>
  document.querySelector(`g[data-kind="${kind}"][data-id='${JSON.stringify(id)}']:not(.sankey-label)`);

describe('Sankey', () => {
  it('labels nodes with name, count and share', async () => {
    await draw();
    const labels = [...document.querySelectorAll('.sankey-label title')].map((title) => title.textContent);
    expect(labels).toEqual(['signup  10 · 100.0%', 'pay  6 · 60.0%', 'leave  3 · 30.0%']);
  });

  it('is walked by arrow keys and opens by Enter', async () => {
    const onSelect = await draw();
    page.getByRole('application').element().focus();
    await userEvent.keyboard('{ArrowRight}{ArrowRight}{ArrowDown}');
    await vi.waitFor(() => expect(document.querySelector('[aria-live]')?.textContent).toBe('link signup>leave'));
    await userEvent.keyboard('{ArrowDown}{Enter}');
    expect(onSelect).toHaveBeenCalledWith({ kind: 'dropOff', id: 'signup' }, expect.anything(), false);
  });

  it('lifts the path under the pointer and dims the rest to 8 %', async () => {
    await draw();
    await userEvent.hover(page.elementLocator(mark('link', 'signup>pay') ?? document.body));
    await vi.waitFor(() => expect(mark('link', 'signup>leave')?.getAttribute('opacity')).toBe('0.08'));
    expect(mark('link', 'signup>pay')?.getAttribute('opacity')).toBe('1');
    expect(mark('node', 'signup')?.getAttribute('opacity')).toBe('1');
  });

  it('opens what is clicked', async () => {
    const onSelect = await draw();
    await userEvent.click(page.elementLocator(mark('node', 'pay') ?? document.body));
    expect(onSelect).toHaveBeenCalledWith({ kind: 'node', id: 'pay' }, expect.anything(), false);
  });

  it('stays readable XML whatever names a file holds', async () => {
    const odd = { ...graph, nodes: graph.nodes.map((n) => ({ ...n, name: `${n.name}\u0000\u0007<x>&` })) };
    await render(
      <div style={{ width: 640, height: 320 }}>
        <Sankey graph={odd} total={10} columnTitles={[]} label="Odd" tip={() => null} onSelect={vi.fn<() => void>()} />
      </div>,
    );
    const svg = document.querySelector('svg') ?? document.body;
    const parsed = new DOMParser().parseFromString(new XMLSerializer().serializeToString(svg), 'image/svg+xml');
    expect(parsed.querySelector('parsererror')).toBeNull();
    expect(parsed.querySelector('title')?.textContent).toContain('signup\ufffd\ufffd<x>&');
  });
});
