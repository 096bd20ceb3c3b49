import {
  useId,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type PointerEvent,
  type Ref,
} from 'react';
import { FONT } from './base-option.ts';
import { isArrowKey } from './chart-marks.ts';
import { FloatingTip } from './FloatingTip.tsx';
import { formatCompact, formatNumber, formatShare } from '../widgets/format.ts';
import { getTipText, type SummaryTable as Summary, type Tip } from './picture.ts';
import { getPathThrough, isSameTarget, type SankeyGraph, type SankeyTarget, type StubKind } from './sankey-graph.ts';
import { getNextTarget } from './sankey-keys.ts';
import { computeSankeyLabels } from './sankey-labels.ts';
import { computeSankeyLayout, NODE_WIDTH, type SankeyLayout } from './sankey-layout.ts';
import { LabelMark, LinkMark, NodeMark, StubMark, type MarkState } from './SankeyMarks.tsx';
import { SummaryTable } from './SummaryTable.tsx';
import { useChartTheme, useReducedMotion } from './use-chart-theme.ts';
import { getTextWidth, useSize } from './use-size.ts';

/** Where the thing is that was chosen, relative to the window: for a menu beside it. */
export interface Anchor {
  readonly x: number;
  readonly y: number;
}
export interface SankeyProps {
  readonly graph: SankeyGraph;
  /** Shares in labels are of this number. */
  readonly total: number;
  /** One a column. */
  readonly columnTitles: readonly string[];
  readonly label: string;
  readonly tip: (target: SankeyTarget) => Tip | null;
  readonly onSelect: (target: SankeyTarget, anchor: Anchor, extend: boolean) => void;
  /** Ids of nodes marked as chosen. */
  readonly selected?: readonly string[];
  readonly ref?: Ref<SVGSVGElement | null>;
}

/** A Sankey over steps (visual.md, "Sankey"): hover lifts a path, arrow keys walk it, Enter or a click chooses. */
export function Sankey({ graph, total, columnTitles, label, tip, onSelect, selected = [], ref }: SankeyProps) {
  const host = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [scrolled, setScrolled] = useState(0);
  const svg = useRef<SVGSVGElement>(null);
  const size = useSize(host);
  const theme = useChartTheme();
  const still = useReducedMotion();
  const hatch = `hatch-${useId().replaceAll(/[^\w-]/g, '')}`;
  const [pointed, setPointed] = useState<{ target: SankeyTarget; at: Anchor } | null>(null);
  const [walked, setWalked] = useState<SankeyTarget | null>(null);
  useImperativeHandle<SVGSVGElement | null, SVGSVGElement | null>(ref, () => svg.current);

  const layout = useMemo(
    () => (size === null ? null : computeSankeyLayout(graph, ...getPaper(graph, size))),
    [graph, size],
  );
  const labels = useMemo(
    () =>
      layout === null
        ? []
        : computeSankeyLabels(layout, {
            width: getTextWidth,
            figures: (n) => `${formatCompact(n.value)} · ${formatShare(n.value / total)}`,
          }),
    [layout, total],
  );
  const summary = useMemo(() => getSummary(graph, total), [graph, total]);
  const target = pointed?.target ?? walked;
  const path = useMemo(() => (target === null ? null : getPathThrough(graph, target)), [graph, target]);
  const stateOf = (id: string): MarkState => (path === null ? 'plain' : path.has(id) ? 'lifted' : 'dim');
  const isFocused = (kind: SankeyTarget['kind'], id: string): boolean => isSameTarget(target, { kind, id });
  const stubState = (kind: StubKind, id: string): MarkState =>
    target === null ? 'plain' : isFocused(kind, id) || (target.kind === 'node' && target.id === id) ? 'lifted' : 'dim';

  const onPointerMove = (event: PointerEvent): void => {
    const found = getTarget(event.target);
    const box = host.current?.getBoundingClientRect();
    if (found === null || box === undefined) setPointed(null);
    else
      setPointed((old) => ({
        target: old !== null && isSameTarget(old.target, found) ? old.target : found,
        at: { x: event.clientX - box.left, y: event.clientY - box.top },
      }));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (layout === null) return;
    if (isArrowKey(event.key)) {
      event.preventDefault();
      setPointed(null);
      const next = getNextTarget(layout, walked, event.key);
      setWalked(next);
      if (next !== null) scrollTo(scroller.current, getPlace(layout, next).x, layout.columnWidth);
    } else if ((event.key === 'Enter' || event.key === ' ') && walked !== null) {
      event.preventDefault();
      onSelect(walked, getScreenPlace(layout, walked, svg.current), event.shiftKey);
    } else if (event.key === 'Escape' && walked !== null) {
      event.stopPropagation();
      setWalked(null);
    }
  };
  const walkedTip = walked === null ? null : tip(walked);
  const shownTip = pointed === null ? walkedTip : tip(pointed.target);
  const walkedPlace = walked === null || layout === null ? null : getPlace(layout, walked);
  const tipPlace = pointed?.at ?? (walkedPlace === null ? null : { ...walkedPlace, x: walkedPlace.x - scrolled });
  return (
    <div ref={host} style={hostStyle} data-sankey="">
      <div ref={scroller} style={scrollerStyle} onScroll={(event) => setScrolled(event.currentTarget.scrollLeft)}>
        {layout === null ? null : (
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a widget of its own, see below
          <svg
            ref={svg}
            width={layout.width}
            height={layout.height}
            // A widget of its own: arrow keys move along nodes and links.
            role="application"
            aria-roledescription="Sankey diagram"
            aria-label={label}
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- one tab stop, arrows inside
            tabIndex={0}
            style={{
              display: 'block',
              // Shift+click extends a path, not a text selection.
              userSelect: 'none',
              fontFamily: FONT,
              fontSize: 12,
              fontFeatureSettings: '"tnum"',
              cursor: pointed === null ? 'default' : 'pointer',
              ['--sankey-fade' as string]: still ? '0ms' : '100ms',
            }}
            onPointerMove={onPointerMove}
            onPointerLeave={() => setPointed(null)}
            onClick={(event) => {
              const found = getTarget(event.target);
              if (found !== null) onSelect(found, { x: event.clientX, y: event.clientY }, event.shiftKey);
            }}
            onKeyDown={onKeyDown}
            onBlur={() => setWalked(null)}
          >
            <style>{'.sankey-mark{transition:opacity var(--sankey-fade)}.sankey-label{cursor:pointer}'}</style>
            <defs>
              <pattern id={hatch} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect width={6} height={6} fill={theme.panel} />
                <rect width={2} height={6} fill={theme.remainder} />
              </pattern>
            </defs>
            {columnTitles.map((title, i) => (
              <text key={i} x={layout.columns[i]?.[0]?.x ?? 0} y={12} fill={theme.muted}>
                {title}
              </text>
            ))}
            {layout.links.map((link) => (
              <LinkMark
                key={link.id}
                link={link}
                state={stateOf(link.id)}
                focused={isFocused('link', link.id)}
                theme={theme}
              />
            ))}
            {layout.stubs.map((stub) => (
              <StubMark
                key={`${stub.kind}:${stub.nodeId}`}
                stub={stub}
                hatch={hatch}
                state={stubState(stub.kind, stub.nodeId)}
                focused={isFocused(stub.kind, stub.nodeId)}
                theme={theme}
              />
            ))}
            {layout.columns.flat().map((node) => (
              <NodeMark
                key={node.id}
                node={node}
                state={stateOf(node.id)}
                focused={isFocused('node', node.id)}
                selected={selected.includes(node.id)}
                theme={theme}
              />
            ))}
            {labels.map((l) => (
              <LabelMark
                key={l.nodeIds.join()}
                label={l}
                state={l.nodeIds.some((id) => stateOf(id) !== 'dim') ? 'plain' : 'dim'}
                theme={theme}
              />
            ))}
          </svg>
        )}
      </div>
      {shownTip === null || tipPlace === null ? null : <FloatingTip tip={shownTip} at={tipPlace} theme={theme} />}
      <span
        aria-live="polite"
        style={{ position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' }}
      >
        {walkedTip === null ? '' : getTipText(walkedTip)}
      </span>
      <SummaryTable table={summary} label={label} />
    </div>
  );
}

const hostStyle: CSSProperties = {
  position: 'relative',
  width: '100%',
  height: '100%',
  flex: '0 1 100%',
  minHeight: 0,
  overflow: 'hidden',
};

const scrollerStyle: CSSProperties = { width: '100%', height: '100%', overflow: 'auto hidden' };

/** Names stand beside their nodes: columns narrower than this leave them no room, so the drawing scrolls instead. Px. */
const MIN_COLUMN = 120;
const SCROLLBAR = 14;
function getPaper(
  graph: SankeyGraph,
  size: { readonly width: number; readonly height: number },
): [width: number, height: number] {
  const columns = graph.nodes.reduce((most, node) => Math.max(most, node.column + 1), 0);
  const width = Math.max(size.width, columns * MIN_COLUMN);
  return [width, width > size.width ? size.height - SCROLLBAR : size.height];
}

/** What the keyboard comes to is in sight, with its label. */
function scrollTo(scroller: HTMLDivElement | null, x: number, columnWidth: number): void {
  if (scroller === null) return;
  const most = x - NODE_WIDTH;
  const least = x + columnWidth - scroller.clientWidth;
  scroller.scrollLeft = Math.min(most, Math.max(least, scroller.scrollLeft));
}

function getTarget(element: EventTarget): SankeyTarget | null {
  const mark = element instanceof Element ? element.closest<SVGElement>('[data-kind]') : null;
  const { kind, id } = mark?.dataset ?? {};
  return kind === undefined || id === undefined
    ? null
    : { kind: kind as SankeyTarget['kind'], id: JSON.parse(id) as string };
}

/** A point on the target, inside the drawing. */
function getPlace(layout: SankeyLayout, target: SankeyTarget): Anchor {
  const link = target.kind === 'link' ? layout.links.find((l) => l.id === target.id) : undefined;
  if (link !== undefined) return { x: (link.x0 + link.x1) / 2, y: (link.y0 + link.y1 + link.thickness) / 2 };
  const stub = layout.stubs.find((s) => s.kind === target.kind && s.nodeId === target.id);
  if (stub !== undefined) return { x: stub.x + 8, y: stub.y + stub.thickness / 2 };
  const node = layout.columns.flat().find((n) => n.id === target.id);
  return { x: (node?.x ?? 0) + NODE_WIDTH, y: (node?.y ?? 0) + (node?.height ?? 0) / 2 };
}
function getScreenPlace(layout: SankeyLayout, target: SankeyTarget, svg: SVGSVGElement | null): Anchor {
  const box = svg?.getBoundingClientRect();
  const place = getPlace(layout, target);
  return { x: place.x + (box?.left ?? 0), y: place.y + (box?.top ?? 0) };
}

function getSummary(graph: SankeyGraph, total: number): Summary {
  const nameOf = new Map(graph.nodes.map((node) => [node.id, `${node.column + 1}. ${node.name}`]));
  return {
    columns: ['From', 'To', 'Count', 'Share'],
    rows: graph.links.map((link) => [
      nameOf.get(link.source) ?? '',
      nameOf.get(link.target) ?? '',
      formatNumber(link.value),
      formatShare(link.value / total),
    ]),
  };
}
