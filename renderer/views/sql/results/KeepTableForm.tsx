import { Button, TextInput } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import type { KeptTable } from '../../../../protocol/query-result.ts';
import { TABLE_NAME } from '../../../../protocol/query.ts';
import { query, type ResultView } from '../../../engine/query-client.ts';
import { keepTable } from '../../../stores/local-tables.ts';
import { useSqlSession } from '../../../stores/sql-session.ts';
import { openInSql } from '../../../stores/sql-tabs.ts';
import { formatUnits } from '../../../widgets/format.ts';
import { notifyAction } from '../../../widgets/notify-action.tsx';
import { notifyDone, notifyFailure } from '../../../widgets/notify.ts';
import { suggestTableName, writeTableStatement } from './local-table.ts';

function openTable(name: string): void {
  const { schema, vocabulary } = useSqlSession.getState();
  if (schema?.dialect === 'sqlite') openInSql(writeTableStatement(name, schema, vocabulary), name);
}

/** Written by the query process; progress and Cancel are in the status bar. */
async function keep(resultId: string, name: string, replace: boolean, view: ResultView): Promise<void> {
  const kept = await keepTable(resultId, { name, replace }, view);
  const message = `${formatUnits(kept.rows, 'row')} kept as scratch.${kept.name}`;
  if (useSqlSession.getState().schema?.dialect === 'sqlite')
    notifyAction(message, { label: 'Open in SQL', run: () => openTable(kept.name) });
  else notifyDone(`${message}: open a file to join it`);
}

export interface KeepTableFormProps {
  /** Of the tab: the name begins with it. */
  readonly title: string;
  readonly resultId: string;
  readonly view: ResultView;
  /** Of the view. */
  readonly rows: number;
  readonly onDone: () => void;
}
/** Asks what a local table is to be called; one of this name is replaced only when the button says so. */
export function KeepTableForm({ title, resultId, view, rows, onDone }: KeepTableFormProps): ReactElement {
  const [name, setName] = useState(() => suggestTableName(title));
  const [tables, setTables] = useState<readonly KeptTable[]>([]);
  useEffect(() => {
    query.listTables().then(setTables, notifyFailure);
  }, []);
  const old = tables.find((t) => t.name.toLowerCase() === name.toLowerCase());
  const isValid = TABLE_NAME.test(name);
  const count = formatUnits(rows, 'row');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isValid) return;
        onDone();
        void keep(resultId, name, old !== undefined, view).catch(notifyFailure);
      }}
    >
      <TextInput
        label="Name of the table"
        description={`Statements on files read it as scratch.${isValid ? name : 'NAME'}.`}
        error={isValid ? null : 'Up to 63 letters, digits and _, beginning with a letter.'}
        value={name}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" variant="filled" mt={12} fullWidth disabled={!isValid}>
        {old === undefined ? `Keep ${count}` : `Replace its ${formatUnits(old.rows, 'row')} with ${count}`}
      </Button>
    </form>
  );
}
