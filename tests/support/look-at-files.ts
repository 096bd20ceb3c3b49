import { createInterface } from 'node:readline';
import { toErrorData } from '../../protocol/errors.ts';
import { inspectSource } from '../../worker/source/inspect.ts';
import { openEventSource } from '../../worker/source/open-source.ts';

/**
 * A child process that looks at untrusted files: one path a line on stdin, `start PATH` before and `done CODE PATH`
 * after each on stdout, so that its parent can tell a hang or a crash from an answer. CODE is `ok` or an error code;
 * `ok+CODE` when inspection went well and reading rows then failed.
 */
const scratchDir = process.argv[2] ?? '';
const ROWS = 2_000;

for await (const path of createInterface({ input: process.stdin })) {
  process.stdout.write(`start ${path}\n`);
  process.stdout.write(`done ${lookAt(path)} ${path}\n`);
}

function lookAt(path: string): string {
  try {
    const found = inspectSource({ kind: 'sqlite', path }, { scratchDir });
    const table = found.tables.find((t) => t.kind === 'table' && t.columns.length > 0);
    return table === undefined ? 'ok' : `ok${readRows(path, table.name, table.columns[0]?.name ?? '')}`;
  } catch (thrown) {
    return codeOf(thrown);
  }
}

/** Reads a table as if it held events; whatever is in its first column. */
function readRows(path: string, table: string, column: string): string {
  try {
    const mapping = { table, actor: column, event: { constant: 'row' }, time: { column, format: 'seconds' as const } };
    const source = openEventSource({ kind: 'sqlite', path, mapping }, { scratchDir });
    try {
      let rows = 0;
      for (const slice of source.slices({ from: null, to: null }, 2))
        for (const batch of source.scan(slice, { properties: [column], recordedAt: false, actorProperty: null })) {
          rows += batch.count;
          if (rows > ROWS) return '';
        }
      return '';
    } finally {
      source.close();
    }
  } catch (thrown) {
    return `+${codeOf(thrown)}`;
  }
}

/** An unexpected error keeps its text: the test shows it. */
function codeOf(thrown: unknown): string {
  const { code, message } = toErrorData(thrown);
  return code === 'E_INTERNAL' ? `E_INTERNAL(${message.replaceAll(/\s+/g, '_')})` : code;
}
