import { Button, Popover, Select, UnstyledButton } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { EngineStatus } from '../../../protocol/index.ts';
import { useActivity } from '../../stores/activity.ts';
import type { ComputeWay } from '../../engine/compute-choice.ts';
import { useComputeWay } from '../../stores/compute-way.ts';
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
      <MemorySelect />
      <ComputeSelect />
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

/** Saves and restarts; the field is out of reach meanwhile. */
function useSaving(): { readonly busy: boolean; readonly save: (saving: Promise<void>) => void } {
  const [busy, setBusy] = useState(false);
  const save = (saving: Promise<void>): void => {
    setBusy(true);
    saving.catch(notifyError).finally(() => setBusy(false));
  };
  return { busy, save };
}

const AUTO = 'auto';
function ThreadSelect({ now }: { readonly now: number }): ReactElement {
  const threads = useSettings((s) => s.settings.threads);
  const isOpen = useSession((s) => s.source !== null);
  const { busy, save } = useSaving();
  const most = Math.min(64, Math.max(navigator.hardwareConcurrency, threads ?? 1, now));
  const data = [
    { value: AUTO, label: 'As many as this machine has' },
    ...Array.from({ length: most }, (_, i) => ({ value: String(i + 1), label: formatUnits(i + 1, 'thread') })),
  ];
  return (
    <Select
      label="Worker threads"
      description={`A change starts the engine anew${isOpen ? ' and reads the source again' : ''}.`}
      data={data}
      value={threads === null ? AUTO : String(threads)}
      allowDeselect={false}
      disabled={busy}
      comboboxProps={{ withinPortal: false }}
      onChange={(value) =>
        save(useSettings.getState().setThreads(value === null || value === AUTO ? null : Number(value)))
      }
    />
  );
}

const WAYS: readonly { readonly value: ComputeWay; readonly label: string }[] = [
  { value: 'auto', label: 'Where fewer rows are moved' },
  { value: 'pull', label: 'Here: rows are moved once' },
  { value: 'pushdown', label: 'On the server, each time' },
];
/** Of a server; a file is always computed here. */
function ComputeSelect(): ReactElement | null {
  const isServer = useSession((s) => s.source?.ref.kind === 'postgres');
  const { way, setWay } = useComputeWay();
  if (!isServer) return null;
  return (
    <Select
      label="Analyses of this server are computed"
      description="The rules under a chart say where it was, and why."
      data={WAYS}
      value={way}
      allowDeselect={false}
      comboboxProps={{ withinPortal: false }}
      onChange={(value) => setWay((value ?? 'auto') as ComputeWay)}
    />
  );
}

const GB = 1_000_000_000;
const LIMITS = [0.5 * GB, GB, 2 * GB, 4 * GB, 8 * GB, 16 * GB];
function MemorySelect(): ReactElement {
  const limit = useSettings((s) => s.settings.memoryLimit);
  const { busy, save } = useSaving();
  // A figure written into the settings file by hand is offered too.
  const limits = limit === null || LIMITS.includes(limit) ? LIMITS : [...LIMITS, limit].toSorted((a, b) => a - b);
  return (
    <Select
      label="Memory limit"
      description="Sources that need more are worked through in pieces, and more slowly."
      data={[
        { value: AUTO, label: 'None' },
        ...limits.map((bytes) => ({ value: String(bytes), label: formatBytes(bytes) })),
      ]}
      value={limit === null ? AUTO : String(limit)}
      allowDeselect={false}
      disabled={busy}
      comboboxProps={{ withinPortal: false }}
      onChange={(value) =>
        save(useSettings.getState().setMemoryLimit(value === null || value === AUTO ? null : Number(value)))
      }
    />
  );
}
