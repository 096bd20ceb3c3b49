import { Popover, UnstyledButton } from '@mantine/core';
import { Check, ShieldAlert, ShieldCheck, X } from 'lucide-react';
import { Fragment, type ReactElement } from 'react';
import type { QuerySession } from '../../../protocol/query-schema.ts';
import classes from './sql.module.css';

/** That nothing can be written, and how that was proved. */
export function ReadOnlyBadge({ session }: { readonly session: QuerySession }): ReactElement {
  const { readOnly } = session;
  const Icon = readOnly.status === 'proved' ? ShieldCheck : ShieldAlert;
  return (
    <Popover position="bottom-end" width={360} withinPortal>
      <Popover.Target>
        <UnstyledButton className={classes.badge} data-status={readOnly.status}>
          <Icon size={13} aria-hidden />
          {readOnly.text}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <p style={{ fontWeight: 600 }}>{session.server}</p>
        <p className={classes.muted}>{session.name}</p>
        <div className={classes.proof}>
          {readOnly.steps.map((step) => (
            <Fragment key={step.name}>
              {step.passed ? (
                <Check size={14} color="var(--good)" aria-label="Passed" />
              ) : (
                <X size={14} color="var(--danger)" aria-label="Failed" />
              )}
              <span>
                {step.name} <span className={classes.muted}>{step.text}</span>
              </span>
            </Fragment>
          ))}
          {readOnly.warnings.map((warning) => (
            <Fragment key={warning}>
              <ShieldAlert size={14} color="var(--warning)" aria-label="Warning" />
              <span>{warning}</span>
            </Fragment>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
