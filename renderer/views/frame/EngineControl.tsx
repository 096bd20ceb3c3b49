import { Button, Popover, Select, UnstyledButton } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { EngineStatus } from '../../../protocol/index.ts';
import { useActivity } from '../../stores/activity.ts';
import { useSession } from '../../stores/session.ts';
import { useSettings } from '../../stores/settings.ts';
import { formatBytes, formatUnits } from '../../widgets/format.ts';
import { useSheet } from './commands.ts';
import classes from './EngineControl.module.css';
import { notifyError, runCommandById } from './run-command.ts';

const setOpened = (opened: boolean): void => useSheet.setState({ sheet: opened ? 'engine' : null });

/** Threads and memory of the engine, and behind them what can be set. */
export function EngineControl(): ReactElement | null {
  const status = useActivity((s) => s.engineStatus);
  const opened = useSheet((s) => s.sheet === 'engine');
  if (status === null) return null;
  return (
    <Popover opened={opened} onChange={setOpened} position="top-start" trapFocus returnFocus width={300}>
      <Popover.Target>
        <UnstyledButton
          className={classes.target}
          aria-haspopup="dialog"
          title="Worker threads and memory of the engine"
          onClick={() => setOpened(!opened)}
        >
          <span>{formatUnits(status.threads, 'thread')}</span>
          <span>{formatBytes(status.memoryBytes)}</span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label="Engine">
        <EngineSheet status={status} />
      </Popover.Dropdown>
    </Popover>
  );
}

function EngineSheet({ status }: { readonly status: EngineStatus }): ReactElement {
  return (
    <div className={classes.sheet}>
      <dl className={classes.figures}>
        <Figure name="Memory of the engine" bytes={status.memoryBytes} />
        <Figure name="of that, columns of open sources" bytes={status.segmentBytes} />
        {status.memoryLimitBytes !== null && <Figure name="kept below" bytes={status.memoryLimitBytes} />}
      </dl>
      <ThreadSelect now={status.threads} />
      <Button
        variant="default"
        onClick={() => {
          setOpened(false);
          void runCommandById('window.restartEngine');
        }}
      >
        Restart the engine
      </Button>
    </div>
  );
}

function Figure({ name, bytes }: { readonly name: string; readonly bytes: number }): ReactElement {
  return (
    <div className={classes.figure}>
      <dt>{name}</dt>
      <dd>{formatBytes(bytes)}</dd>
    </div>
  );
}

const AUTO = 'auto';
function ThreadSelect({ now }: { readonly now: number }): ReactElement {
  const threads = useSettings((s) => s.settings.threads);
  const isOpen = useSession((s) => s.source !== null);
  const [busy, setBusy] = useState(false);
  const most = Math.min(64, Math.max(navigator.hardwareConcurrency, threads ?? 1, now));
  const data = [
    { value: AUTO, label: 'As many as this machine has' },
    ...Array.from({ length: most }, (_, i) => ({ value: String(i + 1), label: formatUnits(i + 1, 'thread') })),
  ];
  const choose = (value: string | null): void => {
    setBusy(true);
    useSettings
      .getState()
      .setThreads(value === null || value === AUTO ? null : Number(value))
      .catch(notifyError)
      .finally(() => setBusy(false));
  };
  return (
    <Select
      label="Worker threads"
      description={`A change starts the engine anew${isOpen ? ' and reads the source again' : ''}.`}
      data={data}
      value={threads === null ? AUTO : String(threads)}
      allowDeselect={false}
      disabled={busy}
      comboboxProps={{ withinPortal: false }}
      onChange={choose}
    />
  );
}
