import { TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { SqlTab } from '../../../protocol/index.ts';
import { isBound } from '../../stores/sql-params.ts';
import { changeTab } from '../../stores/sql-tabs.ts';
import classes from './sql.module.css';

export interface ParamBarProps {
  readonly tab: SqlTab;
  readonly names: readonly string[];
  readonly missing: readonly string[];
  readonly bound: (name: string) => string | number;
  /** For people. */
  readonly boundText: (name: string) => string;
}
/** A value for each `:name`: the range and as of give theirs, the others are asked here. */
export function ParamBar({ tab, names, missing, bound, boundText }: ParamBarProps): ReactElement | null {
  if (names.length === 0) return null;
  return (
    <fieldset className={classes.params} aria-label="Parameters">
      {names.map((name) => (
        <label key={name} className={classes.param}>
          <code>:{name}</code>
          {isBound(name) && (tab.params[name] ?? '') === '' ? (
            <span className={classes.bound} title={`From the range and as of above: ${bound(name)}`}>
              {boundText(name)}
            </span>
          ) : (
            <TextInput
              size="xs"
              w={150}
              aria-label={`Value of ${name}`}
              placeholder="text, number or null"
              error={missing.includes(name) && (tab.params[name] ?? '') === ''}
              value={tab.params[name] ?? ''}
              onChange={(event) => changeTab(tab.id, { params: { ...tab.params, [name]: event.currentTarget.value } })}
            />
          )}
        </label>
      ))}
      {missing.some((name) => (tab.params[name] ?? '') === '') && (
        <span className={classes.muted}>Give each a value, then run.</span>
      )}
    </fieldset>
  );
}
