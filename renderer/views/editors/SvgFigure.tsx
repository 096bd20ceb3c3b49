import {
  useImperativeHandle,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type Ref,
} from 'react';
import { getTipText, type Tip } from '../../charts/picture.ts';
import { svgExports } from '../../widgets/svg-export.ts';
import { FigureTip } from './FigureTip.tsx';
import { MarkMenu } from './MarkMenu.tsx';
import classes from './figure.module.css';

/** One thing in a drawing that can be pointed at and opened. */
export interface FigureMark {
  readonly key: string;
  /** Px; at least 24 × 24 where the picture has room. */
  readonly hit: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly tip: Tip;
  readonly onSelect?: (() => void) | undefined;
}
export interface FigureHandle {
  /** The title stands above the drawing. */
  readonly getSvg: (title?: string) => string;
  readonly getPng: (title?: string) => Promise<Blob>;
}
export interface SvgFigureProps {
  /** What the drawing shows, for screen readers. */
  readonly label: string;
  readonly width: number;
  readonly height: number;
  /** In reading order: arrow keys walk them. */
  readonly marks: readonly FigureMark[];
  /** Draws; the mark under pointer or keyboard is given. */
  readonly children: (active: string | null) => ReactNode;
  readonly ref?: Ref<FigureHandle>;
}

/** A drawing of ours: one tab stop, arrow keys between its marks, Enter opens, tooltips for pointer and keyboard. */
export function SvgFigure({ label, width, height, marks, children, ref }: SvgFigureProps): ReactElement {
  const svg = useRef<SVGSVGElement>(null);
  const [hovered, setHovered] = useState<string | null>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const [stop, setStop] = useState(0);
  const [menu, setMenu] = useState<FigureMark | null>(null);
  const [open, setOpen] = useState(false);
  useImperativeHandle(ref, () =>
    svgExports(
      () => svg.current,
      () => (svg.current === null ? '#fff' : getComputedStyle(svg.current).getPropertyValue('--panel')),
    ),
  );
  const active = hovered ?? focused;
  const shown = marks.find((mark) => mark.key === active);
  const at = Math.min(stop, marks.length - 1);

  const onKeyDown = (event: KeyboardEvent): void => {
    const next = getNextStop(marks.length, at, event.key);
    if (next !== null) {
      event.preventDefault();
      setStop(next);
      svg.current?.querySelectorAll<SVGElement>('[data-mark]')[next]?.focus();
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      marks[at]?.onSelect?.();
    } else if (event.key === 'Escape' && active !== null) {
      event.stopPropagation();
      setFocused(null);
      setHovered(null);
    }
  };
  return (
    <div className={classes.figure} style={{ width, height }}>
      <MarkMenu mark={menu} disabled={active === null} onToggle={setOpen}>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/prefer-tag-over-role -- keys of its marks */}
        <svg
          ref={svg}
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          role="group" // oxlint-disable-line jsx-a11y/prefer-tag-over-role
          aria-label={label}
          className={classes.svg}
          onKeyDown={onKeyDown}
        >
          {children(active)}
          <g data-export="skip">
            {marks.map((mark, i) => (
              <rect
                key={mark.key}
                data-mark={mark.key}
                className={classes.hit}
                // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- SVG has no button
                role="button"
                tabIndex={i === at ? 0 : -1}
                aria-label={getTipText(mark.tip)}
                {...mark.hit}
                data-clickable={mark.onSelect !== undefined || undefined}
                onClick={mark.onSelect}
                onContextMenu={() => setMenu(mark)}
                onPointerEnter={() => setHovered(mark.key)}
                onPointerLeave={() => setHovered(null)}
                onFocus={() => {
                  setStop(i);
                  setFocused(mark.key);
                }}
                onBlur={() => setFocused(null)}
              />
            ))}
          </g>
        </svg>
      </MarkMenu>
      {shown !== undefined && !open && <FigureTip tip={shown.tip} hit={shown.hit} width={width} height={height} />}
    </div>
  );
}

/** The mark an arrow key leads to, along the reading order. */
export function getNextStop(count: number, index: number, key: string): number | null {
  if (count === 0) return null;
  if (key === 'ArrowRight' || key === 'ArrowDown') return Math.min(count - 1, index + 1);
  if (key === 'ArrowLeft' || key === 'ArrowUp') return Math.max(0, index - 1);
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : null;
}
