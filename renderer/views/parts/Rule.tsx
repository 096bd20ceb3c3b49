import type { ReactElement, ReactNode } from 'react';
import classes from './parts.module.css';

/** One line of the rules: what it is, left; its control, right. */
export function Rule({
  label,
  children,
  note,
  narrow = false,
}: {
  readonly label: string;
  readonly children: ReactNode;
  readonly note?: string;
  /** A one-word label before a wide control. */
  readonly narrow?: boolean;
}): ReactElement {
  return (
    <div className={classes.rule} data-narrow={narrow || undefined}>
      <span className={classes.ruleLabel} title={note}>
        {label}
      </span>
      <div className={classes.ruleControl}>{children}</div>
    </div>
  );
}
