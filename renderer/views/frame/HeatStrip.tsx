import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useLayoutEffect, useMemo, useRef, useState, type ReactElement } from 'react';
import { TOKENS } from '../../theme/tokens.ts';
import { drawStrip } from './draw-strip.ts';
import classes from './HeatStrip.module.css';
import { getBins, getBinUnit, type PartitionIndex, type Span, type StripBin } from './strip-bins.ts';
import {
  asOfEnd,
  formatAsOf,
  formatSpan,
  snap,
  snapUnitOf,
  toAsOf,
  toRange,
  toSpan,
  type Range,
  formatEnd,
  formatStart,
} from './strip-range.ts';
import { clamp, getFullDomain, toMs, toShare } from './strip-scale.ts';
import { StripHandle } from './StripHandle.tsx';
import { StripMenu } from './StripMenu.tsx';
import { BinTip, Selection, Tip } from './StripTip.tsx';
import { useStripBrush } from './use-strip-brush.ts';
import { useStripZoom } from './use-strip-zoom.ts';

export interface HeatStripProps {
  readonly index: PartitionIndex;
  readonly zone: string;
  readonly scheme: 'light' | 'dark';
  readonly range: Range;
  readonly asOf: string | null;
  readonly onRange: (range: Range) => void;
  readonly onAsOf: (asOf: string | null) => void;
  /** Before each step of a drag or a key; `timeStamp` is its event's. */
  readonly onHand?: (timeStamp: number) => void;
  /** The hand lets go. */
  readonly onRest?: () => void;
  /** Space on the as-of handle. */
  readonly onTogglePlay?: () => void;
}

/** Before it is measured. */
const USUAL_WIDTH = 600;
const NOWHEN: Span = { from: 0, to: 86_400_000 };

/**
 * Events per hour or day over the whole source. Drag makes a range, its edges and as of can be dragged or moved by
 * keys, the wheel zooms, double click resets.
 */
export function HeatStrip(props: HeatStripProps): ReactElement {
  const { index, zone, asOf, onRange, onAsOf } = props;
  const extent = index.extent ?? NOWHEN;
  const full = useMemo(() => getFullDomain(extent), [extent]);
  const strip = useRef<HTMLFieldSetElement>(null);
  const zoom = useStripZoom(strip, full);
  const { domain } = zoom;
  const size = useElementSize<HTMLCanvasElement>();
  const unit = getBinUnit(domain, size.width || USUAL_WIDTH);
  const snapUnit = snapUnitOf(unit);
  const bins = useMemo(() => getBins(index, domain, unit, zone), [index, domain, unit, zone]);

  const kept = useMemo(() => toSpan(props.range, extent, zone), [props.range, extent, zone]);
  const brush = useStripBrush({
    strip,
    domain,
    kept: props.range.from === null && props.range.to === null ? null : kept,
    snapTo: (ms) => clamp(snap(ms, snapUnit, zone), extent.from, extent.to),
    onMove: (span, timeStamp) => {
      props.onHand?.(timeStamp);
      onRange(toRange(span, extent, zone));
    },
    hold: () => () => onRange(props.range),
    onEnd: () => props.onRest?.(),
  });
  const selected = brush.draft ?? kept;
  const asOfMs = asOfEnd(asOf, extent, zone);

  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const colors = TOKENS[props.scheme];
    if (canvas.current !== null)
      drawStrip(canvas.current, {
        bins,
        domain,
        width: size.width,
        height: size.height,
        selected,
        asOf: asOfMs,
        colors: { bar: colors.accent, off: colors.remainder, line: colors.borderStrong },
      });
  }, [bins, domain, selected, asOfMs, props.scheme, size.width, size.height]);

  const [hover, setHover] = useState<{ readonly share: number; readonly bin: StripBin } | null>(null);
  const placeAt = (clientX: number): { readonly share: number; readonly bin: StripBin } | null => {
    const share = zoom.shareAt(clientX);
    const ms = toMs(share, domain);
    const bin = bins.find((b) => ms >= b.from && ms < b.to);
    return bin === undefined ? null : { share, bin };
  };
  const [menu, setMenu] = useState<typeof hover>(null);
  const setEdge = (edge: 'from' | 'to', ms: number, timeStamp: number): void => {
    const at = snap(clamp(ms, extent.from, extent.to), snapUnit, zone);
    const span =
      edge === 'from'
        ? { from: Math.min(at, selected.to - 1), to: selected.to }
        : { from: selected.from, to: Math.max(at, selected.from + 1) };
    if (span.to - span.from <= 1) return;
    props.onHand?.(timeStamp);
    onRange(toRange(span, extent, zone));
  };
  const setAsOf = (ms: number, timeStamp: number): void => {
    props.onHand?.(timeStamp);
    onAsOf(toAsOf(snap(clamp(ms, extent.from, extent.to), snapUnit, zone), extent, zone));
  };
  const handle = { strip, domain, extent, snapUnit, zone, onZoom: zoom.zoomBy, onReveal: zoom.reveal };
  const canvasRef = useMergedRef(canvas, size.ref);

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- double click is an extra; the palette has it too.
    <fieldset
      ref={strip}
      className={classes.strip}
      aria-label={`Events per ${snapUnit}, ${formatSpan(selected, zone)}, ${zone}`}
      onContextMenu={(event) => {
        event.preventDefault();
        setMenu(placeAt(event.clientX));
      }}
      onDoubleClick={() => {
        zoom.reset();
        onRange({ from: null, to: null });
      }}
    >
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the handles are the keyboard twin. */}
      <div
        className={classes.brush}
        data-dragging={brush.draft !== null || undefined}
        onPointerDown={brush.start}
        onPointerMove={(event) => setHover(placeAt(event.clientX))}
        onPointerLeave={() => setHover(null)}
      >
        <canvas ref={canvasRef} className={classes.canvas} aria-hidden />
      </div>
      {(props.range.from !== null || props.range.to !== null || brush.draft !== null) && (
        <Selection span={selected} domain={domain} />
      )}
      <StripHandle
        {...handle}
        kind="from"
        label="Start of the range"
        at={selected.from}
        text={formatStart(selected.from, zone)}
        onMove={(ms, at) => setEdge('from', ms, at)}
        onDrag={(event) => brush.startEdge(event, 'from')}
      />
      <StripHandle
        {...handle}
        kind="to"
        label="End of the range"
        at={selected.to}
        text={formatEnd(selected.to, zone)}
        onMove={(ms, at) => setEdge('to', ms, at)}
        onDrag={(event) => brush.startEdge(event, 'to')}
      />
      <StripHandle
        {...handle}
        kind="asOf"
        label="As of"
        at={asOfMs}
        text={asOf === null ? 'now' : formatAsOf(asOf, zone)}
        onMove={setAsOf}
        hold={() => () => onAsOf(asOf)}
        onEnd={() => props.onRest?.()}
        {...(props.onTogglePlay === undefined ? {} : { onToggle: props.onTogglePlay })}
      />
      <StripMenu
        place={menu}
        selected={selected}
        extent={extent}
        zone={zone}
        onRange={onRange}
        onAsOf={onAsOf}
        onClose={() => setMenu(null)}
      />
      {hover !== null && menu === null && brush.draft === null && <BinTip {...hover} zone={zone} />}
      {brush.draft !== null && (
        <Tip share={toShare((brush.draft.from + brush.draft.to) / 2, domain)}>{formatSpan(brush.draft, zone)}</Tip>
      )}
    </fieldset>
  );
}
