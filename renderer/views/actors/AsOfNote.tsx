import type { ReactElement } from 'react';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatAsOf } from '../frame/strip-range.ts';
import classes from './actors.module.css';

/** A list keeps the time it was asked for; where that is not what the strip says now, it says so. */
export function AsOfNote({ asOf, zone }: { readonly asOf: string | null; readonly zone: string }): ReactElement | null {
  const now = useWorkspace((s) => s.document.asOf);
  if (asOf === null && now === null) return null;
  return <p className={classes.note}>{asOf === null ? 'As of now' : `As of ${formatAsOf(asOf, zone)}`}</p>;
}
