import { Popover } from '@mantine/core';
import { Filter, X } from 'lucide-react';
import { useState, type ReactElement } from 'react';
import type { Condition } from '../../../protocol/index.ts';
import { ConditionForm } from './ConditionForm.tsx';
import { getConditionText, isPropertyCondition } from './event-match.ts';
import classes from './editors.module.css';

export interface WhereEditorProps {
  /** What is filtered, for screen readers: `step 2`. */
  readonly subject: string;
  readonly where: readonly Condition[] | undefined;
  /** An empty list is given as undefined. */
  readonly onChange: (where: Condition[] | undefined) => void;
  /** Absent: chips only, the caller has its own way to add. */
  readonly addLabel?: string | undefined;
}

/** Filters as chips, all of which must hold; a click opens one. Groups written by hand are shown and can be removed. */
export function WhereEditor({ subject, where = [], onChange, addLabel = 'Filter' }: WhereEditorProps): ReactElement {
  const [open, setOpen] = useState<number | null>(null);
  const put = (next: Condition[]): void => {
    setOpen(null);
    onChange(next.length === 0 ? undefined : next);
  };
  const form = (index: number): ReactElement => {
    const condition = where[index];
    return (
      <ConditionForm
        condition={condition !== undefined && isPropertyCondition(condition) ? condition : null}
        onDone={(done) => put(where.toSpliced(index, 1, done))}
        onRemove={() => put(where.toSpliced(index, 1))}
      />
    );
  };
  return (
    <div className={classes.where}>
      {where.map((condition, i) => (
        <Floating
          key={`${i} ${getConditionText(condition)}`}
          opened={open === i}
          onClose={() => setOpen(null)}
          form={() => form(i)}
        >
          <span className={classes.chip}>
            <button
              type="button"
              className={classes.chipText}
              title={getConditionText(condition)}
              aria-label={`Filter of ${subject}: ${getConditionText(condition)}`}
              disabled={!isPropertyCondition(condition)}
              onClick={() => setOpen(open === i ? null : i)}
            >
              {getConditionText(condition)}
            </button>
            <button
              type="button"
              className={classes.chipRemove}
              aria-label={`Remove filter ${getConditionText(condition)} of ${subject}`}
              onClick={() => put(where.toSpliced(i, 1))}
            >
              <X size={12} />
            </button>
          </span>
        </Floating>
      ))}
      <Floating opened={open === where.length} onClose={() => setOpen(null)} form={() => form(where.length)}>
        <button
          type="button"
          className={classes.quiet}
          aria-label={`Add a filter to ${subject}`}
          onClick={() => setOpen(open === where.length ? null : where.length)}
        >
          <Filter size={12} aria-hidden /> {addLabel}
        </button>
      </Floating>
    </div>
  );
}

function Floating(props: {
  opened: boolean;
  onClose: () => void;
  form: () => ReactElement;
  children: ReactElement;
}): ReactElement {
  return (
    <Popover
      opened={props.opened}
      onChange={(opened) => {
        if (!opened) props.onClose();
      }}
      width={272}
      position="bottom-start"
      trapFocus
      returnFocus
      withinPortal
    >
      <Popover.Target>{props.children}</Popover.Target>
      <Popover.Dropdown p={12}>{props.opened && props.form()}</Popover.Dropdown>
    </Popover>
  );
}
