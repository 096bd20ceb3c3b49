import { ActionIcon, UnstyledButton } from '@mantine/core';
import { Trash2 } from 'lucide-react';
import type { ReactElement } from 'react';
import { openSaved, removeSaved, useSqlPart } from '../../../stores/sql-tabs.ts';
import classes from '../sql.module.css';

/** Queries kept in the workspace, by name. */
export function SavedList({ search }: { readonly search: string }): ReactElement {
  const saved = useSqlPart((s) => s.saved);
  const wanted = search.trim().toLowerCase();
  const found = saved
    .filter((q) => `${q.name} ${q.text}`.toLowerCase().includes(wanted))
    .toSorted((a, b) => a.name.localeCompare(b.name));
  if (found.length === 0)
    return (
      <p className={classes.muted} style={{ padding: 8 }}>
        {saved.length === 0 ? 'No query is saved in this workspace yet.' : 'No saved query holds this text.'}
      </p>
    );
  return (
    <>
      {found.map((q) => (
        <div key={q.id} className={classes.savedRow}>
          <UnstyledButton className={classes.entry} title={q.text.slice(0, 1000)} onClick={() => openSaved(q)}>
            <span className={classes.name}>{q.name}</span>
            <span className={classes.entryText}>{q.text.replaceAll(/\s+/g, ' ').slice(0, 120)}</span>
          </UnstyledButton>
          <ActionIcon aria-label={`Remove ${q.name}`} onClick={() => removeSaved(q.id)}>
            <Trash2 size={13} />
          </ActionIcon>
        </div>
      ))}
    </>
  );
}
