import type { ReactElement } from 'react';
import { SourceMenu } from './SourceMenu.tsx';
import classes from './TopBar.module.css';

/** Source and workspace, the range and as of. */
export function TopBar(): ReactElement {
  return (
    <header className={classes.bar}>
      <SourceMenu />
    </header>
  );
}
