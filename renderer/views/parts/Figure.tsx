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
