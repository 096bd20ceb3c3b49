import { Menu } from '@mantine/core';
import { Copy, Download, FileSpreadsheet } from 'lucide-react';
import type { ReactElement } from 'react';
import type { ExportFormat } from '../../../../protocol/query.ts';
import { pickSavePath } from '../../../stores/files.ts';
import { query, type ResultView } from '../../../engine/query-client.ts';
import { getExportName } from '../../../widgets/export-file.ts';
import { formatCount } from '../../../widgets/format.ts';
import { MenuButton } from '../../../widgets/MenuButton.tsx';
import { notifyDone, notifyFailure } from '../../../widgets/notify.ts';
import { COPY_FORMATS, COPY_NAMES, type CopyFormat } from './copy-formats.ts';

interface ExportItem {
  readonly format: ExportFormat;
  readonly label: string;
  readonly note?: string;
  readonly spreadsheetSafe: boolean;
}
const EXPORTS: readonly ExportItem[] = [
  { format: 'csv', label: 'CSV', note: 'safe in spreadsheets', spreadsheetSafe: true },
  { format: 'csv', label: 'CSV, exact bytes', spreadsheetSafe: false },
  { format: 'json', label: 'JSON', spreadsheetSafe: false },
  { format: 'jsonl', label: 'JSON lines', spreadsheetSafe: false },
  { format: 'parquet', label: 'Parquet', spreadsheetSafe: false },
  { format: 'xlsx', label: 'Excel (xlsx)', spreadsheetSafe: true },
  { format: 'sqlite', label: 'SQLite file', note: 'to join with others', spreadsheetSafe: false },
];
const ENDINGS: Readonly<Record<ExportFormat, string>> = {
  csv: 'csv',
  json: 'json',
  jsonl: 'jsonl',
  parquet: 'parquet',
  xlsx: 'xlsx',
  sqlite: 'db',
};

/** Written by the query process, whatever the size; progress and Cancel are in the status bar. */
async function exportResult(name: string, resultId: string, view: ResultView, item: ExportItem): Promise<void> {
  const { format, spreadsheetSafe } = item;
  const path = await pickSavePath(getExportName(name, ENDINGS[format]));
  if (path === null) return;
  const done = await query.export(resultId, { format, path, spreadsheetSafe }, view);
  notifyDone(`Exported ${formatCount(done.rows)} rows to ${done.path}`);
}

export interface ExportButtonProps {
  readonly name: string;
  readonly resultId: string;
  readonly view: ResultView;
  /** Of the view. */
  readonly rows: number;
  /** All rows are there; else only a CSV in the order they come in can be written, which waits for them. */
  readonly isDone: boolean;
}
export function ExportButton({ name, resultId, view, rows, isDone }: ExportButtonProps): ReactElement {
  const isPlain = view.sort.length === 0 && view.filter.length === 0;
  const shown = `${formatCount(rows)} rows${view.filter.length > 0 ? ', as filtered' : ''}`;
  return (
    <MenuButton label="Export" icon={<Download size={13} />} width={240}>
      <Menu.Label>{isDone ? shown : 'Rows still come: a CSV waits for them'}</Menu.Label>
      {EXPORTS.map((item) => (
        <Menu.Item
          key={item.label}
          disabled={!isDone && !(isPlain && item.format === 'csv')}
          leftSection={<FileSpreadsheet size={14} />}
          rightSection={item.note === undefined ? null : <small style={{ color: 'var(--muted)' }}>{item.note}</small>}
          onClick={() => void exportResult(name, resultId, view, item).catch(notifyFailure)}
        >
          {item.label}
        </Menu.Item>
      ))}
    </MenuButton>
  );
}

export interface CopyButtonProps {
  /** Cells that are chosen, or all. */
  readonly cells: number;
  readonly disabled: boolean;
  readonly onCopy: (format: CopyFormat) => void;
}
export function CopyButton({ cells, disabled, onCopy }: CopyButtonProps): ReactElement {
  return (
    <MenuButton label="Copy" icon={<Copy size={13} />} width={200} isQuiet disabled={disabled}>
      <Menu.Label>{cells === 0 ? 'The whole result' : `${formatCount(cells)} chosen cells`}</Menu.Label>
      {COPY_FORMATS.map((format) => (
        <Menu.Item key={format} onClick={() => onCopy(format)}>
          {COPY_NAMES[format]}
        </Menu.Item>
      ))}
    </MenuButton>
  );
}
