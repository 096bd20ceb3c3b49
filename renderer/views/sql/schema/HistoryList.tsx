import { Button, UnstyledButton } from '@mantine/core';
import type { ReactElement } from 'react';
import type { SqlHistoryEntry } from '../../../../protocol/index.ts';
import { clearHistory, openInSql, useSqlPart } from '../../../stores/sql-tabs.ts';
import { formatMs, formatUnits } from '../../../widgets/format.ts';
import { formatMinute } from '../../../widgets/zoned-time.ts';
import classes from '../sql.module.css';

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
export const findInHistory = (history: readonly SqlHistoryEntry[], search: string): readonly SqlHistoryEntry[] => {
  const wanted = search.trim().toLowerCase();
  return wanted === '' ? history : history.filter((h) => h.text.toLowerCase().includes(wanted));
};

/** What was run, newest first: when, how long, how many rows, or why not. */
export function HistoryList({ search }: { readonly search: string }): ReactElement {
  const history = useSqlPart((s) => s.history);
  const found = findInHistory(history, search);
  if (found.length === 0)
    return (
      <p className={classes.muted} style={{ padding: 8 }}>
        {history.length === 0 ? 'Nothing has been run yet.' : 'No statement holds this text.'}
      </p>
    );
  return (
    <>
      {found.map((entry) => (
        <UnstyledButton
          key={entry.id}
          className={classes.entry}
          title={entry.text.slice(0, 1000)}
          onClick={() => openInSql(entry.text)}
        >
          <span className={classes.entryText}>{entry.text.replaceAll(/\s+/g, ' ').slice(0, 160)}</span>
          <span className={classes.entryFacts}>
            <span>{formatMinute(entry.at, ZONE)}</span>
            <span>{formatMs(entry.ms)}</span>
            {entry.error === null ? (
              <span>{entry.rows === null ? '' : formatUnits(entry.rows, 'row')}</span>
            ) : (
              <span data-failed="">{entry.error}</span>
            )}
          </span>
        </UnstyledButton>
      ))}
      {search === '' && (
        <Button size="xs" variant="subtle" color="gray" onClick={clearHistory}>
          Clear the history
        </Button>
      )}
    </>
  );
}
