import { ActionIcon, Button, Menu, Popover, TextInput, Tooltip } from '@mantine/core';
import { AlignLeft, ChevronDown, ListTree, Play, Replace, Save, Square } from 'lucide-react';
import { useState, type ReactElement, type RefObject } from 'react';
import type { SqlTab } from '../../../protocol/index.ts';
import type { Estimate, QuerySession } from '../../../protocol/query-schema.ts';
import { useActiveRun, useSqlRuns } from '../../stores/sql-runs.ts';
import { saveQuery } from '../../stores/sql-tabs.ts';
import { formatShortcut } from '../frame/shortcuts.ts';
import type { SqlEditorHandle } from './editor/SqlEditor.tsx';
import { LimitsButton } from './LimitsButton.tsx';
import { ReadOnlyBadge } from './ReadOnlyBadge.tsx';
import type { Runner } from './use-runner.ts';
import classes from './sql.module.css';

export interface RunBarProps {
  readonly tab: SqlTab;
  readonly runner: Runner;
  readonly estimate: Estimate | null;
  readonly session: QuerySession | null;
  readonly editor: RefObject<SqlEditorHandle | null>;
}
/** Run, and what it will cost. */
export function RunBar({ tab, runner, estimate, session, editor }: RunBarProps): ReactElement {
  const isRunning = useActiveRun(tab.id)?.status === 'running';
  return (
    <div className={classes.bar} role="toolbar" aria-label="SQL">
      {isRunning ? (
        <Button leftSection={<Square size={12} />} onClick={() => useSqlRuns.getState().cancel(tab.id)}>
          Cancel
        </Button>
      ) : (
        <RunButton runner={runner} disabled={session === null} />
      )}
      <output
        className={classes.estimate}
        data-wide={estimate?.unboundedScan || undefined}
        title={estimate?.text}
        aria-label="Estimate"
      >
        {estimate?.text ?? ''}
      </output>
      <span className={classes.gap} />
      <Tool label="Explain" shortcut="mod+E" onClick={() => runner.explain(false)}>
        <ListTree size={15} />
      </Tool>
      <Tool label="Format" shortcut="alt+shift+F" onClick={runner.format}>
        <AlignLeft size={15} />
      </Tool>
      <Tool label="Find and replace" shortcut="mod+H" onClick={() => editor.current?.find()}>
        <Replace size={15} />
      </Tool>
      <SaveButton key={tab.id} tab={tab} />
      <LimitsButton />
      {session !== null && <ReadOnlyBadge session={session} />}
    </div>
  );
}

function RunButton({ runner, disabled }: { readonly runner: Runner; readonly disabled: boolean }): ReactElement {
  return (
    <Button.Group>
      <Tooltip label={`Selection, or the statement at the cursor  ${formatShortcut('mod+Enter')}`}>
        <Button
          variant="filled"
          leftSection={<Play size={13} />}
          disabled={disabled}
          onClick={() => runner.run('here')}
        >
          Run
        </Button>
      </Tooltip>
      <Menu position="bottom-start" width={260}>
        <Menu.Target>
          <Button variant="filled" px={6} aria-label="More ways to run" disabled={disabled}>
            <ChevronDown size={13} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item rightSection={<Keys text="mod+Enter" />} onClick={() => runner.run('here')}>
            Run statement or selection
          </Menu.Item>
          <Menu.Item rightSection={<Keys text="mod+shift+Enter" />} onClick={() => runner.run('all')}>
            Run all
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item rightSection={<Keys text="mod+E" />} onClick={() => runner.explain(false)}>
            Explain
          </Menu.Item>
          <Menu.Item onClick={() => runner.explain(true)}>Explain and measure (runs it)</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Button.Group>
  );
}
const Keys = ({ text }: { readonly text: string }): ReactElement => (
  <small className={classes.muted}>{formatShortcut(text)}</small>
);

interface ToolProps {
  readonly label: string;
  readonly shortcut: string;
  readonly onClick: () => void;
  readonly children: ReactElement;
}
function Tool({ label, shortcut, onClick, children }: ToolProps): ReactElement {
  return (
    <Tooltip label={`${label}  ${formatShortcut(shortcut)}`}>
      <ActionIcon aria-label={label} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function SaveButton({ tab }: { readonly tab: SqlTab }): ReactElement {
  const [opened, setOpened] = useState(false);
  const [name, setName] = useState(tab.title);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus returnFocus width={260}>
      <Popover.Target>
        <Tooltip label="Save the query in the workspace">
          <ActionIcon aria-label="Save the query" onClick={() => (setName(tab.title), setOpened((o) => !o))}>
            <Save size={15} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() === '') return;
            saveQuery(tab.id, name.trim());
            setOpened(false);
          }}
        >
          <TextInput
            label="Name of the query"
            value={name}
            data-autofocus
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" variant="filled" mt={12} fullWidth disabled={name.trim() === ''}>
            {tab.savedId === null ? 'Save' : 'Save changes'}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
