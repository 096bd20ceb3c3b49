import { Button, Menu } from '@mantine/core';
import { Copy, Download, Ellipsis, Filter, SquareTerminal } from 'lucide-react';
import { useContext, useState, type ReactElement } from 'react';
import { engine } from '../../engine/client.ts';
import type { ActorsContent } from '../../stores/panel.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { getExportName } from '../../widgets/export-file.ts';
import { ExportTargetContext } from '../../widgets/export-target.ts';
import { formatCount, formatUnits } from '../../widgets/format.ts';
import { notifyDone, notifyFailure } from '../../widgets/notify.ts';
import { openAsSql } from '../parts/open-as-sql.ts';
import { getFilteredDocument, MAX_FILTER_IDS } from './actor-filter.ts';
import classes from './actors.module.css';

/** Ids fetched in one call of the engine. */
const MAX_COPY = 100_000;

/** What can be done with the whole list: export, copy, go on with these actors only. */
export function ActorActions({ content, total }: { content: ActorsContent; total: number | null }): ReactElement {
  const { busy, attempt } = useAttempt();
  const target = useContext(ExportTargetContext);
  const { analysis, selection, title } = content;
  const count = total ?? 0;
  const held = target.held ?? null;
  const idsOf = async (limit: number): Promise<string[]> =>
    (await engine.actors({ analysis, selection, offset: 0, limit })).rows.map((row) => row.actor);

  const exportCsv = async (): Promise<string | null> => {
    const written = await target.save(
      getExportName(`actors ${title}`, 'csv'),
      await engine.csv({ analysis, selection }),
    );
    return written === null ? null : `Saved ${written}`;
  };
  const copyIds = async (): Promise<string> => {
    const ids = await idsOf(MAX_COPY);
    await navigator.clipboard.writeText(ids.join('\n'));
    return `${formatUnits(ids.length, 'id')} copied`;
  };
  const filter = async (): Promise<string> => {
    const ids = await idsOf(MAX_FILTER_IDS);
    useWorkspace.getState().change((old) => getFilteredDocument(old, analysis, ids), 'Use actors as a filter');
    return `Only these ${formatUnits(ids.length, 'actor')} are counted now; undo takes it back`;
  };
  return (
    <footer className={classes.actions}>
      <Button
        leftSection={<Download size={14} />}
        loading={busy}
        disabled={count === 0 || held !== null}
        title={held ?? undefined}
        onClick={() => attempt(exportCsv)}
      >
        Export {formatUnits(count, 'actor')}
      </Button>
      <Menu position="top-end" width={240} returnFocus>
        <Menu.Target>
          <Button px={6} aria-label="More for this list" disabled={count === 0 || held !== null}>
            <Ellipsis size={14} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<Filter size={13} />}
            disabled={count > MAX_FILTER_IDS}
            onClick={() => attempt(filter)}
          >
            {count > MAX_FILTER_IDS ? `Use as filter (up to ${formatCount(MAX_FILTER_IDS)})` : 'Use as filter'}
          </Menu.Item>
          <Menu.Item leftSection={<Copy size={13} />} disabled={count > MAX_COPY} onClick={() => attempt(copyIds)}>
            {count > MAX_COPY ? `Copy ids (up to ${formatCount(MAX_COPY)})` : `Copy ${formatUnits(count, 'id')}`}
          </Menu.Item>
          <Menu.Item
            leftSection={<SquareTerminal size={13} />}
            onClick={() => attempt(() => openAsSql(title, analysis, selection).then(() => null))}
          >
            Open in SQL
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </footer>
  );
}

function useAttempt(): { busy: boolean; attempt: (work: () => Promise<string | null>) => void } {
  const [busy, setBusy] = useState(false);
  const attempt = (work: () => Promise<string | null>): void => {
    setBusy(true);
    work()
      .then((message) => message !== null && notifyDone(message))
      .catch(notifyFailure)
      .finally(() => setBusy(false));
  };
  return { busy, attempt };
}
