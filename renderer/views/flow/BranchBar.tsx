import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import classes from './flow.module.css';

export interface BranchBarProps {
  readonly names: readonly string[];
  readonly onActors: () => void;
  readonly onFunnel: () => void;
  readonly onClear: () => void;
}

/** The path chosen step by step, and what can be done with all of it. */
export function BranchBar({ names, onActors, onFunnel, onClear }: BranchBarProps): ReactElement {
  const text = names.join(' → ');
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a group of buttons, not of fields
    <div className={classes.branch} role="group" aria-label="Chosen path">
      <span className={classes.branchText} title={text}>
        {text}
      </span>
      <Button size="xs" variant="default" onClick={onActors}>
        Show its actors
      </Button>
      <Button size="xs" variant="default" onClick={onFunnel} disabled={names.length < 2}>
        Build a funnel
      </Button>
      <Button size="xs" variant="subtle" onClick={onClear}>
        Clear
      </Button>
    </div>
  );
}
