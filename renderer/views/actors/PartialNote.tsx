import type { ReactElement } from 'react';
import type { PartialRows } from '../../../protocol/index.ts';
import { formatCompact } from '../../widgets/format.ts';
import classes from './actors.module.css';

/** A list or story of a preview: others may belong to it, and earlier events. */
export function PartialNote({ partial }: { readonly partial: PartialRows }): ReactElement {
  return (
    <p className={classes.note} data-tone="warning">
      Partial: from the latest {formatCompact(partial.rows)} of {formatCompact(partial.of)} rows
    </p>
  );
}
