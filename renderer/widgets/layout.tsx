import type { ReactElement, ReactNode } from 'react';
import classes from './layout.module.css';

export interface ViewLayoutProps {
  readonly title: string;
  /** Beside the title: a count, a zone, a small choice. */
  readonly note?: ReactNode;
  /** Right of the title: the view's controls, then export. */
  readonly actions?: ReactNode;
  /** Under the title: the rules in words. */
  readonly semantics?: ReactNode;
  /** `scroll`: the body scrolls as a page; `fill` (default): it has exactly the space there is. */
  readonly body?: 'fill' | 'scroll';
  readonly children: ReactNode;
}

/** The frame of every view: a 44-px head, one line of stated semantics, the body. */
export function ViewLayout({
  title,
  note,
  actions,
  semantics,
  body = 'fill',
  children,
}: ViewLayoutProps): ReactElement {
  return (
    <section className={classes.view} aria-label={title}>
      <header className={classes.head}>
        <h2 className={classes.title}>{title}</h2>
        {note !== undefined && <div className={classes.note}>{note}</div>}
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </header>
      {semantics !== undefined && <div className={classes.semantics}>{semantics}</div>}
      <div className={classes.body} data-body={body}>
        {children}
      </div>
    </section>
  );
}

/** A bordered block inside a view or panel. */
export function Card({
  title,
  actions,
  children,
  className,
}: {
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string | undefined;
}): ReactElement {
  return (
    <div className={[classes.card, className].filter(Boolean).join(' ')}>
      {(title !== undefined || actions !== undefined) && (
        <div className={classes.cardHead}>
          <h3 className={classes.cardTitle}>{title}</h3>
          {actions !== undefined && <div className={classes.actions}>{actions}</div>}
        </div>
      )}
      {children}
    </div>
  );
}
