import type { ReactElement, ReactNode } from 'react';
import { RulesSlot } from '../frame/RulesSlot.tsx';
import classes from './parts.module.css';

/** The rules of a view, in the right panel. */
export function Rules({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <RulesSlot>
      <div className={classes.rules}>{children}</div>
    </RulesSlot>
  );
}
