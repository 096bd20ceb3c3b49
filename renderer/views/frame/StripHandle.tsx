import { useEffect, useRef, type KeyboardEvent, type PointerEvent, type ReactElement, type RefObject } from 'react';
import classes from './HeatStrip.module.css';
import { followPointer } from './follow-pointer.ts';
import { getBinStart, getLocalStart, type Span } from './strip-bins.ts';
import type { SnapUnit } from './strip-range.ts';
import { clamp, toMs, toShare } from './strip-scale.ts';

export interface StripHandleProps {
  readonly kind: 'from' | 'to' | 'asOf';
  readonly label: string;
  /** ms since the epoch. */
  readonly at: number;
  readonly text: string;
  readonly strip: RefObject<HTMLElement | null>;
  readonly domain: Span;
  readonly extent: Span;
  readonly snapUnit: SnapUnit;
  readonly zone: string;
  /** `timeStamp` is that of the key or pointer event. */
  readonly onMove: (ms: number, timeStamp: number) => void;
  /** Drag by the brush; without it the handle drags itself. */
  readonly onDrag?: (event: PointerEvent<HTMLElement>) => void;
  /** Called when it begins to drag itself: what it answers takes the drag back. */
  readonly hold?: () => () => void;
  readonly onEnd?: () => void;
  readonly onZoom: (at: number, factor: number) => void;
  readonly onReveal: (ms: number) => void;
  readonly onToggle?: () => void;
}

/** One edge of the range, or as of: a slider that keys and the pointer can move. */
export function StripHandle(props: StripHandleProps): ReactElement | null {
  const { domain, extent, at } = props;
  const takeBack = useRef<(() => void) | null>(null);
  const move = useRef(props.onMove);
  useEffect(() => {
    move.current = props.onMove;
  });
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const share = toShare(at, domain);
  const isHidden = share < -0.001 || share > 1.001;

  const onKeyDown = (event: KeyboardEvent): void => {
    const next = getKeyTarget(event, props);
    if (event.key === 'Escape' && takeBack.current !== null) {
      event.stopPropagation();
      takeBack.current();
      end();
    } else if (next !== null) {
      props.onMove(next, event.timeStamp);
      props.onReveal(next);
    } else if (event.key === '+' || event.key === '=') props.onZoom(at, 0.5);
    else if (event.key === '-') props.onZoom(at, 2);
    else if (event.key === ' ' && props.onToggle !== undefined) props.onToggle();
    else return;
    if (!event.ctrlKey && !event.metaKey) event.preventDefault();
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0) return;
    event.stopPropagation();
    if (props.onDrag !== undefined) props.onDrag(event);
    else {
      takeBack.current = props.hold?.() ?? null;
      event.currentTarget.setPointerCapture(event.pointerId);
      follow();
    }
  };
  const end = (): void => {
    if (takeBack.current === null) return;
    takeBack.current = null;
    stop.current?.abort();
    props.onEnd?.();
  };
  const follow = (): void => {
    const box = props.strip.current?.getBoundingClientRect();
    if (box === undefined) return;
    stop.current?.abort();
    stop.current = new AbortController();
    followPointer((event) => {
      if (takeBack.current !== null)
        move.current(toMs(clamp((event.clientX - box.left) / box.width, 0, 1), domain), event.timeStamp);
    }, stop.current.signal);
  };
  return (
    <div
      className={classes.handle}
      data-kind={props.kind}
      data-hidden={isHidden || undefined}
      style={{ left: `${clamp(share, 0, 1) * 100}%` }}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- three thumbs on one drawing: no range input can do that.
      role="slider"
      tabIndex={0}
      aria-label={props.label}
      aria-orientation="horizontal"
      aria-valuemin={extent.from}
      aria-valuemax={extent.to}
      aria-valuenow={at}
      aria-valuetext={props.text}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerUp={end}
      onPointerCancel={end}
    >
      <span className={classes.grip} title={`${props.label}: ${props.text}`} />
    </div>
  );
}

const BIG_STEP = 10;
/** Where a key moves the handle, or null. */
function getKeyTarget(event: KeyboardEvent, { at, extent, snapUnit, zone }: StripHandleProps): number | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const steps = event.shiftKey ? BIG_STEP : 1;
  switch (event.key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return Math.max(extent.from, getBinStart(at - 1, snapUnit, zone, 1 - steps));
    case 'ArrowRight':
    case 'ArrowUp':
      return Math.min(extent.to, getBinStart(at, snapUnit, zone, steps));
    case 'PageDown':
      return Math.max(extent.from, getLocalStart(at - 1, 'month', zone));
    case 'PageUp':
      return Math.min(extent.to, getLocalStart(at, 'month', zone, 1));
    case 'Home':
      return extent.from;
    case 'End':
      return extent.to;
    default:
      return null;
  }
}
