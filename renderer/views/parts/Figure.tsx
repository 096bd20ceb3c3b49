import { Skeleton } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import classes from './parts.module.css';

export interface FigureProps {
  readonly label: string;
  readonly value: string;
  readonly note?: ReactNode;
  readonly color?: string;
  readonly title?: string;
  readonly onClick?: () => void;
}

/** A key figure; one that opens actors is a button. */
export function Figure({ label, value, note, color, title, onClick }: FigureProps): ReactElement {
  const inner = (
    <>
      <span className={classes.figureLabel}>
        {color === undefined ? null : <span className={classes.swatch} style={{ background: color }} />}
        {label}
      </span>
      <span className={classes.figureValue}>{value}</span>
      <span className={classes.figureNote}>{note ?? ' '}</span>
    </>
  );
  return onClick === undefined ? (
    <div className={classes.figure} title={title}>
      {inner}
    </div>
  ) : (
    <button type="button" className={classes.figure} title={title} onClick={onClick}>
      {inner}
    </button>
  );
}

export function Figures({ children }: { readonly children: ReactNode }): ReactElement {
  return <div className={classes.figures}>{children}</div>;
}

/** As many figures as there will be, each of its final size. */
export function FigureSkeletons({ labels }: { readonly labels: readonly string[] }): ReactElement {
  return (
    <Figures>
      {labels.map((label) => (
        <div key={label} className={classes.figure} aria-hidden>
          <span className={classes.figureLabel}>{label}</span>
          <span className={classes.figureValue}>
            <Skeleton className={classes.figureBone} height={18} width={72} />
          </span>
          <span className={classes.figureNote}>
            <Skeleton className={classes.figureBone} height={10} width="60%" />
          </span>
        </div>
      ))}
    </Figures>
  );
}

/** Names of colours, where direct labels have no room. */
export function Legend({
  items,
}: {
  readonly items: readonly { readonly name: string; readonly color: string }[];
}): ReactElement {
  return (
    <div className={classes.legend}>
      {items.map((item) => (
        <span key={item.name}>
          <i className={classes.swatch} style={{ background: item.color }} />
          {item.name}
        </span>
      ))}
    </div>
  );
}
