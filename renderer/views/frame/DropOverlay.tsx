import type { ReactElement } from 'react';
import classes from './DropOverlay.module.css';
import { useDropState } from './use-drop-files.ts';

/** Says what letting go will do, while a file is dragged over the window. */
export function DropOverlay(): ReactElement | null {
  const over = useDropState((s) => s.over);
  return over ? (
    <output className={classes.overlay}>
      <span className={classes.text}>Drop to open</span>
    </output>
  ) : null;
}
