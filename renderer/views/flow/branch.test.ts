import { describe, expect, it } from 'vitest';
import type { SankeyGraph } from '../../charts/sankey-graph.ts';
import { extendBranch } from './branch.ts';

const node = (id: string, column: number) => ({
  id,
  column,
  name: id,
  color: '',
  value: 1,
  dropOff: 0,
  remainderIn: 0,
  remainderOut: 0,
  continues: 0,
});
const link = (source: string, target: string, value: number) => ({ id: `${source}-${target}`, source, target, value });
const graph: SankeyGraph = {
  nodes: [node('a', 0), node('x', 0), node('b', 1), node('d', 1), node('c', 2)],
  links: [link('a', 'b', 5), link('a', 'd', 2), link('x', 'd', 9), link('b', 'c', 3), link('d', 'c', 1)],
};
const extend = (branch: string[], kind: 'node' | 'link' | 'dropOff', id: string) =>
  extendBranch(graph, branch, { kind, id });

describe('extendBranch', () => {
  it('begins with the heaviest way in', () => expect(extend([], 'node', 'd')).toEqual(['x', 'd']));
  it('goes on from the end', () => {
    expect(extend(['a', 'b'], 'node', 'c')).toEqual(['a', 'b', 'c']);
    expect(extend(['a', 'b'], 'link', 'b-c')).toEqual(['a', 'b', 'c']);
  });
  it('turns where the path meets what is chosen', () => {
    expect(extend(['a', 'b', 'c'], 'node', 'd')).toEqual(['a', 'd']);
    expect(extend(['a', 'b'], 'link', 'a-d')).toEqual(['a', 'd']);
  });
  it('is cut where it is chosen again', () => expect(extend(['a', 'b', 'c'], 'node', 'b')).toEqual(['a', 'b']));
  it('begins anew elsewhere', () => expect(extend(['a', 'b'], 'link', 'x-d')).toEqual(['x', 'd']));
  it('knows no drop-offs', () => expect(extend(['a', 'b'], 'dropOff', 'b')).toEqual(['a', 'b']));
});
