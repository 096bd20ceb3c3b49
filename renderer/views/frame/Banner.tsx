import type { ReactElement, ReactNode } from 'react';
import classes from './Banners.module.css';

export function Banner({
  tone,
  action,
  children,
}: {
  readonly tone: 'warning' | 'danger' | 'accent';
  readonly action?: ReactNode;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className={classes.banner} data-tone={tone} role={tone === 'danger' ? 'alert' : 'status'}>
      <div className={classes.text}>{children}</div>
      {action}
    </div>
  );
}
