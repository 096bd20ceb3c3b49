import { describe, expect, it } from 'vitest';
import {
  getHeaviestBranch,
  getNeighbours,
  getPathThrough,
  getVisitName,
  getVisits,
  type SankeyGraph,
  type SankeyLink,
  type SankeyNode,
} from './sankey-graph.ts';
import { getNextTarget } from './sankey-keys.ts';
import { computeSankeyLabels, LINE } from './sankey-labels.ts';
import { computeSankeyLayout, NODE_GAP } from './sankey-layout.ts';

/** A seeded generator (mulberry32). */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A balanced graph: each node's inflow is spread over links, continuation, remainder and drop-off. */
function getRandomGraph(seed: number, columns: number, perColumn: number): SankeyGraph {
  const next = random(seed);
  const nodes: SankeyNode[] = [];
  const links: SankeyLink[] = [];
  let current = Array.from({ length: perColumn }, () => Math.ceil(next() ** 4 * 5000));
  for (let column = 0; column < columns; column++) {
    const after = Array.from({ length: perColumn }, () => 0);
    current.forEach((value, i) => {
      if (value === 0) return;
      let left = value;
      const id = `${column}:${i}`;
      if (column + 1 < columns)
        for (let k = 0; k < 4; k++) {
          const to = Math.floor(next() * perColumn);
          const part = Math.floor(left * next());
          if (part === 0 || links.some((l) => l.id === `${id}>${to}`)) continue;
          links.push({ id: `${id}>${to}`, source: id, target: `${column + 1}:${to}`, value: part });
          after[to] = (after[to] ?? 0) + part;
          left -= part;
        }
      const remainderOut = Math.floor(left * next() * 0.3);
      nodes.push({
        id,
        column,
        name: `event_with_a_longer_name_${i}`,
        color: '#157f8f',
        value,
        dropOff: left - remainderOut,
        remainderOut,
        remainderIn: 0,
        continues: 0,
      });
    });
    current = after;
  }
  return { nodes, links };
}

const width = (text: string): number => text.length * 6.6;

describe('computeSankeyLayout', () => {
  it.each([
    [1, 5, 4],
    [2, 5, 20],
    [3, 8, 3],
    [4, 2, 1],
  ])('balances, keeps gaps and stays inside (seed %i, %i columns of %i)', (seed, columns, perColumn) => {
    const graph = getRandomGraph(seed, columns, perColumn);
    const layout = computeSankeyLayout(graph, 1000, 640);
    const { incoming, outgoing } = getNeighbours(graph.links);
    const sum = (list: readonly SankeyLink[] | undefined): number =>
      (list ?? []).reduce((total, l) => total + l.value, 0);
    for (const node of layout.columns.flat()) {
      // In = out + drop-off + remainder, in pixels as in paths.
      const out =
        layout.links.filter((l) => l.source === node.id).reduce((t, l) => t + l.thickness, 0) +
        layout.stubs
          .filter((s) => s.nodeId === node.id && s.kind !== 'remainderIn')
          .reduce((t, s) => t + s.thickness, 0);
      expect(out).toBeCloseTo(node.height, 6);
      expect(sum(outgoing.get(node.id)) + node.dropOff + node.remainderOut + node.continues).toBe(node.value);
      expect(node.column === 0 ? node.value : sum(incoming.get(node.id))).toBe(node.value);
      expect(node.y + node.height).toBeLessThanOrEqual(640);
      expect(node.y).toBeGreaterThanOrEqual(0);
    }
    for (const column of layout.columns)
      column.slice(1).forEach((node, i) => {
        const above = column[i];
        const gap = node.y - ((above?.y ?? 0) + (above?.height ?? 0));
        expect(gap).toBeGreaterThan(column.length <= 20 ? NODE_GAP - 0.001 : 2);
      });
  });

  it('starts each link inside its source and ends it inside its target', () => {
    const graph = getRandomGraph(7, 4, 6);
    const layout = computeSankeyLayout(graph, 900, 500);
    const byId = new Map(layout.columns.flat().map((n) => [n.id, n]));
    for (const link of layout.links) {
      const source = byId.get(link.source);
      const target = byId.get(link.target);
      expect(link.y0).toBeGreaterThanOrEqual((source?.y ?? 0) - 1e-6);
      expect(link.y0 + link.thickness).toBeLessThanOrEqual((source?.y ?? 0) + (source?.height ?? 0) + 1e-6);
      expect(link.y1 + link.thickness).toBeLessThanOrEqual((target?.y ?? 0) + (target?.height ?? 0) + 1e-6);
      expect(link.x0).toBeLessThan(link.x1);
    }
  });

  it('draws nothing of nothing', () => {
    expect(computeSankeyLayout({ nodes: [], links: [] }, 800, 400)).toMatchObject({
      columns: [],
      links: [],
      stubs: [],
    });
  });
});

describe('computeSankeyLabels', () => {
  it.each([
    [11, 5, 4],
    [12, 5, 20],
    [13, 3, 60],
    [14, 2, 100],
  ])(
    'never puts a label over another, and names every node once (seed %i, %i columns of %i)',
    (seed, columns, perColumn) => {
      const graph = getRandomGraph(seed, columns, perColumn);
      const layout = computeSankeyLayout(graph, 1000, 640);
      const labels = computeSankeyLabels(layout, { width, figures: (n) => `${n.value} · 12.3 %` });
      expect(labels.flatMap((l) => l.nodeIds).toSorted()).toEqual(graph.nodes.map((n) => n.id).toSorted());
      const byColumn = Map.groupBy(labels, (l) => l.x);
      for (const column of byColumn.values()) {
        const sorted = column.toSorted((a, b) => a.y - b.y);
        sorted.slice(1).forEach((label, i) => {
          const above = sorted[i];
          expect(label.y - ((above?.y ?? 0) + (above?.lines ?? 0) * LINE)).toBeGreaterThanOrEqual(-1e-6);
        });
        expect((sorted.at(-1)?.y ?? 0) + LINE).toBeLessThanOrEqual(640 + LINE / 2);
      }
      for (const label of labels) expect(width(label.name)).toBeLessThanOrEqual(layout.columnWidth);
    },
  );
});

describe('paths', () => {
  const node = (id: string, column: number): SankeyNode => ({
    id,
    column,
    name: id,
    color: '#000000',
    value: 10,
    dropOff: 0,
    remainderIn: 0,
    remainderOut: 0,
    continues: 0,
  });
  const link = (source: string, target: string, value: number): SankeyLink => ({
    id: `${source}>${target}`,
    source,
    target,
    value,
  });
  const graph: SankeyGraph = {
    nodes: [node('a', 0), node('b', 0), node('c', 1), node('d', 1), node('e', 2)],
    links: [link('a', 'c', 6), link('b', 'c', 4), link('b', 'd', 6), link('c', 'e', 9)],
  };
  it('goes through a node both ways, but not sideways', () => {
    expect([...getPathThrough(graph, { kind: 'node', id: 'c' })].toSorted()).toEqual([
      'a',
      'a>c',
      'b',
      'b>c',
      'c',
      'c>e',
      'e',
    ]);
    expect([...getPathThrough(graph, { kind: 'link', id: 'a>c' })].toSorted()).toEqual(['a', 'a>c', 'c', 'c>e', 'e']);
  });
  it('finds the heaviest branch', () => {
    expect(getHeaviestBranch(graph, 'e')).toEqual(['a', 'c', 'e']);
  });
  it('counts visits along the heaviest way', () => {
    const way = [node('1:pay', 0), node('1:see', 0), node('2:see', 1), node('3:pay', 2)].map((n) => ({
      ...n,
      name: n.id.slice(2),
    }));
    const visits = getVisits({
      nodes: way,
      links: [link('1:pay', '2:see', 9), link('1:see', '2:see', 1), link('2:see', '3:pay', 8)],
    });
    expect(Object.fromEntries(visits)).toEqual({ '1:pay': 1, '1:see': 1, '2:see': 1, '3:pay': 2 });
  });
  it('names repeat visits', () => {
    expect([1, 2, 3, 4, 11, 21].map((n) => getVisitName('payment', n))).toEqual([
      'payment',
      'payment · 2nd',
      'payment · 3rd',
      'payment · 4th',
      'payment · 11th',
      'payment · 21st',
    ]);
  });
  it('is walked by arrow keys along nodes and links', () => {
    const layout = computeSankeyLayout(graph, 600, 300);
    const first = getNextTarget(layout, null, 'ArrowRight');
    expect(first?.kind).toBe('node');
    const way = getNextTarget(layout, { kind: 'node', id: 'a' }, 'ArrowRight');
    expect(way).toEqual({ kind: 'link', id: 'a>c' });
    expect(getNextTarget(layout, way, 'ArrowRight')).toEqual({ kind: 'node', id: 'c' });
    expect(getNextTarget(layout, { kind: 'node', id: 'c' }, 'ArrowLeft')).toEqual({ kind: 'link', id: 'a>c' });
    expect(getNextTarget(layout, way, 'ArrowLeft')).toEqual({ kind: 'node', id: 'a' });
  });
});
