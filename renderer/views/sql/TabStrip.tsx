import { ActionIcon, Tooltip } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { useState, type KeyboardEvent, type ReactElement } from 'react';
import type { SqlTab } from '../../../protocol/index.ts';
import { useSqlRuns } from '../../stores/sql-runs.ts';
import { addTab, changeTab, closeTab, showTab, useSqlPart } from '../../stores/sql-tabs.ts';
import classes from './sql.module.css';

/** Open texts; a double click renames, the middle button closes, arrows move. */
export function TabStrip({
  tabs,
  active,
}: {
  readonly tabs: readonly SqlTab[];
  readonly active: string | null;
}): ReactElement {
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = tabs[tabs.findIndex((t) => t.id === active) + step];
    if (step === 0 || next === undefined || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    showTab(next.id);
  };
  return (
    <div className={classes.tabs}>
      {/* oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- the tabs inside take the focus */}
      <div className={classes.tabList} role="tablist" aria-label="SQL tabs" onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <Tab key={tab.id} tab={tab} isActive={tab.id === active} />
        ))}
      </div>
      <div className={classes.tabTools}>
        <Tooltip label="New tab">
          <ActionIcon aria-label="New SQL tab" onClick={() => addTab()}>
            <Plus size={15} />
          </ActionIcon>
        </Tooltip>
      </div>
    </div>
  );
}

function Tab({ tab, isActive }: { readonly tab: SqlTab; readonly isActive: boolean }): ReactElement {
  const [isNaming, setNaming] = useState(false);
  const saved = useSqlPart((s) => s.saved.find((q) => q.id === tab.savedId));
  const isChanged = saved !== undefined && saved.text !== tab.text;
  const isRunning = useSqlRuns((s) => s.byTab.get(tab.id)?.runs.some((r) => r.status === 'running') ?? false);
  const close = (): void => {
    useSqlRuns.getState().forget(tab.id);
    closeTab(tab.id);
  };
  const rename = (title: string): void => {
    if (title.trim() !== '') changeTab(tab.id, { title: title.trim() });
    setNaming(false);
  };
  return (
    <div
      className={classes.tab}
      role="tab"
      aria-selected={isActive}
      tabIndex={isActive ? 0 : -1}
      title={tab.title}
      onMouseDown={(event) => event.button === 0 && showTab(tab.id)}
      onAuxClick={(event) => event.button === 1 && close()}
      onDoubleClick={() => setNaming(true)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') showTab(tab.id);
        else if (event.key === 'F2') setNaming(true);
        else if (event.key === 'Delete' && !isNaming) close();
      }}
    >
      {isNaming ? (
        <input
          className={classes.tabInput}
          aria-label="Name of the tab"
          defaultValue={tab.title}
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- it appears where one has just double-clicked
          autoFocus
          onBlur={(event) => rename(event.currentTarget.value)}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === 'Enter') rename(event.currentTarget.value);
            else if (event.key === 'Escape') setNaming(false);
          }}
        />
      ) : (
        <span className={classes.tabName}>{tab.title}</span>
      )}
      {(isChanged || isRunning) && (
        <span className={classes.tabDot} title={isRunning ? 'Running' : 'Differs from the saved query'} />
      )}
      <ActionIcon
        className={classes.tabClose ?? ''}
        size="xs"
        aria-label={`Close ${tab.title}`}
        tabIndex={-1}
        onMouseDown={(event) => event.stopPropagation()}
        onClick={close}
      >
        <X size={12} />
      </ActionIcon>
    </div>
  );
}
