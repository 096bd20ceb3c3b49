import { memo } from 'react';
import { getXmlText } from './xml-text.ts';
import type { ChartTheme } from './palette.ts';
import type { SankeyTarget } from './sankey-graph.ts';
import type { SankeyLabel } from './sankey-labels.ts';
import { LINE } from './sankey-labels.ts';
import { NODE_WIDTH, type PlacedLink, type PlacedNode, type PlacedStub } from './sankey-layout.ts';
import { getLinkArea, getLinkEdges, getStubArea, getStubEdge } from './sankey-shapes.ts';

/** `lifted` lies on the path under the pointer, `dim` does not. */
export type MarkState = 'plain' | 'lifted' | 'dim';
const DIM = 0.08;
const opacityOf = (state: MarkState): number => (state === 'dim' ? DIM : 1);
/**
 * The mark carries its target, so that one listener on the drawing serves all. As JSON: ids hold names from files, and
 * a control character in an attribute would make the exported SVG unreadable.
 */
const dataOf = (kind: SankeyTarget['kind'], id: string) => ({ 'data-kind': kind, 'data-id': JSON.stringify(id) });

export const LinkMark = memo(function LinkMark({
  link,
  state,
  focused,
  theme,
}: {
  readonly link: PlacedLink;
  readonly state: MarkState;
  readonly focused: boolean;
  readonly theme: ChartTheme;
}) {
  return (
    <g {...dataOf('link', link.id)} opacity={opacityOf(state)} className="sankey-mark">
      <path d={getLinkArea(link)} fill={link.color} fillOpacity={state === 'lifted' || focused ? 0.6 : 0.35} />
      <path
        d={getLinkEdges(link)}
        fill="none"
        stroke={focused ? theme.text : link.color}
        strokeWidth={focused ? 2 : 1}
      />
    </g>
  );
});

export const StubMark = memo(function StubMark({
  stub,
  hatch,
  state,
  focused,
  theme,
}: {
  readonly stub: PlacedStub;
  readonly hatch: string;
  readonly state: MarkState;
  readonly focused: boolean;
  readonly theme: ChartTheme;
}) {
  const color = stub.kind === 'continues' ? stub.color : theme.remainder;
  const solid = stub.kind !== 'dropOff';
  return (
    <g {...dataOf(stub.kind, stub.nodeId)} opacity={opacityOf(state)} className="sankey-mark">
      <path d={getStubArea(stub)} fill={solid ? color : `url(#${hatch})`} fillOpacity={solid ? 0.35 : 1} />
      <path d={getStubEdge(stub)} fill="none" stroke={focused ? theme.text : color} strokeWidth={focused ? 2 : 1} />
    </g>
  );
});

export const NodeMark = memo(function NodeMark({
  node,
  state,
  focused,
  selected,
  theme,
}: {
  readonly node: PlacedNode;
  readonly state: MarkState;
  readonly focused: boolean;
  readonly selected: boolean;
  readonly theme: ChartTheme;
}) {
  const height = Math.max(1, node.height);
  return (
    <g {...dataOf('node', node.id)} opacity={opacityOf(state)} className="sankey-mark">
      {/* A thin node is hard to hit: the hit area is wider than the mark. */}
      <rect
        data-export="skip"
        x={node.x - 4}
        y={node.y - Math.max(0, 6 - height / 2)}
        width={NODE_WIDTH + 8}
        height={Math.max(12, height)}
        fill="transparent"
      />
      <rect x={node.x} y={node.y} width={NODE_WIDTH} height={height} fill={node.color} />
      {focused || selected ? (
        <rect
          data-export="skip"
          x={node.x - 2}
          y={node.y - 2}
          width={NODE_WIDTH + 4}
          height={height + 4}
          rx={2}
          fill="none"
          stroke={theme.accent}
          strokeWidth={2}
        />
      ) : null}
    </g>
  );
});

export const LabelMark = memo(function LabelMark({
  label,
  state,
  theme,
}: {
  readonly label: SankeyLabel;
  readonly state: MarkState;
  readonly theme: ChartTheme;
}) {
  // The halo keeps a label readable over the links it lies on.
  const halo = {
    paintOrder: 'stroke',
    stroke: theme.panel,
    strokeWidth: 4,
    strokeOpacity: 0.9,
    strokeLinejoin: 'round',
  } as const;
  const baseline = label.y + LINE / 2 + 4;
  return (
    <g
      {...(label.nodeIds.length === 1 ? dataOf('node', label.nodeIds[0] ?? '') : {})}
      opacity={state === 'dim' ? 0.3 : 1}
      className="sankey-mark sankey-label"
      data-lines={label.lines}
    >
      <title>{getXmlText(label.full)}</title>
      <text x={label.x} y={baseline} fill={theme.text} fontWeight={500} {...halo}>
        {getXmlText(label.name)}
        {label.lines === 1 ? (
          <tspan fill={theme.muted} fontWeight={400} dx={label.name === '' ? 0 : 6}>
            {label.figures}
          </tspan>
        ) : null}
      </text>
      {label.lines === 2 ? (
        <text x={label.x} y={baseline + LINE} fill={theme.muted} {...halo}>
          {label.figures}
        </text>
      ) : null}
    </g>
  );
});
