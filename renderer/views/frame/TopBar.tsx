import { ActionIcon, Tooltip, VisuallyHidden } from '@mantine/core';
import { PanelRight, Redo2, Undo2 } from 'lucide-react';
import { useMemo, type ReactElement } from 'react';
import type { SourceInfo } from '../../../protocol/index.ts';
import { moveHand, restHand } from '../../stores/hand.ts';
import { usePanelOpen } from '../../stores/panel.ts';
import { useSession } from '../../stores/session.ts';
import { useSettings } from '../../stores/settings.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { useColorScheme } from '../../theme/use-color-scheme.ts';
import { PlaintextBadge } from '../connection/Environment.tsx';
import { AsOfControl } from './AsOfControl.tsx';
import { HeatStrip } from './HeatStrip.tsx';
import { PartialMark } from './PartialBadge.tsx';
import { RangeControl } from './RangeControl.tsx';
import { runCommandById } from './run-command.ts';
import { formatShortcut } from './shortcuts.ts';
import { SourceMenu } from './SourceMenu.tsx';
import { indexSource } from './strip-bins.ts';
import { toSpan } from './strip-range.ts';
import classes from './TopBar.module.css';
import { usePlay } from './use-play.ts';
import { useServer } from './use-server.ts';

/** Source and workspace, the range and as of. */
export function TopBar(): ReactElement {
  const source = useSession((s) => s.source);
  const { environment, isPlaintext } = useServer();
  return (
    <header className={classes.bar} data-environment={environment ?? undefined}>
      <VisuallyHidden component="h1">{`Tributary: ${source?.name ?? ''}`}</VisuallyHidden>
      <SourceMenu />
      {isPlaintext && <PlaintextBadge />}
      <PartialMark />
      {source !== null && <TimeControls source={source} />}
      <Tools />
    </header>
  );
}

const NO_EVENTS = { from: 0, to: 86_400_000 };

function TimeControls({ source }: { readonly source: SourceInfo }): ReactElement {
  const range = useWorkspace((s) => s.document.range);
  const asOf = useWorkspace((s) => s.document.asOf);
  const zone = useWorkspace((s) => s.document.timezone);
  const { setRange, setAsOf } = useWorkspace.getState();
  const scheme = useColorScheme(useSettings((s) => s.settings.theme));
  const index = useMemo(() => indexSource(source), [source]);
  const extent = index.extent ?? NO_EVENTS;
  const span = useMemo(() => toSpan(range, extent, zone), [range, extent, zone]);
  const play = usePlay(span, extent);
  return (
    <fieldset className={classes.time} aria-label="Time">
      <RangeControl extent={extent} />
      <HeatStrip
        index={index}
        zone={zone}
        scheme={scheme}
        range={range}
        asOf={asOf}
        onRange={setRange}
        onAsOf={setAsOf}
        onHand={moveHand}
        onRest={restHand}
        onTogglePlay={play.toggle}
      />
      <AsOfControl play={play} />
    </fieldset>
  );
}

function Tools(): ReactElement {
  const past = useWorkspace((s) => s.history.past.at(-1)?.label);
  const future = useWorkspace((s) => s.history.future[0]?.label);
  const open = usePanelOpen();
  return (
    <div className={classes.tools}>
      <Tool
        label={past === undefined ? 'Undo' : `Undo: ${past}`}
        shortcut="mod+Z"
        disabled={past === undefined}
        command="edit.undo"
      >
        <Undo2 size={16} />
      </Tool>
      <Tool
        label={future === undefined ? 'Redo' : `Redo: ${future}`}
        shortcut="mod+shift+Z"
        disabled={future === undefined}
        command="edit.redo"
      >
        <Redo2 size={16} />
      </Tool>
      <Tool
        label={open ? 'Hide the right panel' : 'Show the right panel'}
        shortcut="mod+\"
        command="window.panel"
        pressed={open}
      >
        <PanelRight size={16} />
      </Tool>
    </div>
  );
}

interface ToolProps {
  readonly label: string;
  readonly shortcut: string;
  readonly command: string;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly children: ReactElement;
}
function Tool({ label, shortcut, command, disabled = false, pressed, children }: ToolProps): ReactElement {
  return (
    <Tooltip label={`${label}  ${formatShortcut(shortcut)}`}>
      <ActionIcon
        aria-label={label}
        disabled={disabled}
        {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
        onClick={() => void runCommandById(command)}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
