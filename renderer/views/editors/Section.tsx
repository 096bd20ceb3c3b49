import type { ReactElement, ReactNode } from 'react';
import classes from './editors.module.css';

/** A titled part of the rules. `action` stands at the end of the title line. */
export function Section({
  title,
  action,
  children,
}: {
  title: string;
  action?: ReactNode;
  children?: ReactNode;
}): ReactElement {
  return (
    <section className={classes.section} aria-label={title}>
      <header className={classes.sectionHead}>
        <h3>{title}</h3>
        {action}
      </header>
      {children}
    </section>
  );
}
