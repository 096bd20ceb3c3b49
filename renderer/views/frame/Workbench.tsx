import { lazy, memo, Suspense, useDeferredValue, useEffect, useState, type ReactElement } from 'react';
import { Group, Panel, Separator, usePanelRef } from 'react-resizable-panels';
import type { View } from '../../../protocol/index.ts';
import '../../stores/answer-ahead.ts';
import { usePanel, usePanelOpen } from '../../stores/panel.ts';
import { useSettings } from '../../stores/settings.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { useSheet } from './commands.ts';
import { Rail } from './Rail.tsx';
import { RightPanel } from './RightPanel.tsx';
import { StatusBar } from './StatusBar.tsx';
import { TopBar } from './TopBar.tsx';
import { ViewSlot } from './ViewSlot.tsx';
import classes from './Workbench.module.css';

const PartitionsSheet = lazy(async () => ({
  default: (await import('../partitions/PartitionsSheet.tsx')).PartitionsSheet,
}));

const RIGHT_WIDTH = 320;
const WIDTH_KEY = 'frame.right';

/** These stay the same: the workbench is made anew twice with every view, first with the one before. */
const TOP = <TopBar />;
const RAIL = <Rail />;
const STATUS = <StatusBar />;
const Slot = memo(ViewSlot);

export function Workbench(): ReactElement {
  const asked = useWorkspace((s) => s.document.view);
  // The first view is put in a frame that is there; the next and its panel are made in slices, beside what is on the screen.
  const view = useDeferredValue(asked, null);
  const open = useDeferredValue(usePanelOpen());
  const isSheetOpen = useSheet((s) => s.sheet === 'partitions');
  usePanelMemory();
  return (
    <div className={classes.frame}>
      {TOP}
      <div className={classes.main}>
        {RAIL}
        <Group className={classes.group} orientation="horizontal" id="workbench">
          <Panel id="view" minSize={420}>
            <main className={classes.view}>
              <div className={classes.slot}>{view !== null && <Slot view={view} />}</div>
            </main>
          </Panel>
          {open && <Right view={view ?? asked} />}
        </Group>
        {isSheetOpen && (
          <Suspense fallback={null}>
            <PartitionsSheet />
          </Suspense>
        )}
      </div>
      {STATUS}
    </div>
  );
}

function RightSide({ view }: { readonly view: View }): ReactElement {
  const panel = usePanelRef();
  const [width] = useState(getPanelWidth);
  return (
    <>
      <Separator
        className={classes.separator}
        aria-label="Width of the right panel"
        disableDoubleClick
        onDoubleClick={() => panel.current?.resize(RIGHT_WIDTH)}
      />
      <Panel
        id="right"
        panelRef={panel}
        defaultSize={width}
        minSize={260}
        maxSize={640}
        groupResizeBehavior="preserve-pixel-size"
        onResize={({ inPixels }) => keepPanelWidth(Math.round(inPixels))}
      >
        <RightPanel view={view} />
      </Panel>
    </>
  );
}

const Right = memo(RightSide);

/** As it was last; on another machine as the workspace has it. */
const getPanelWidth = (): number =>
  useSettings.getState().settings.panels[WIDTH_KEY] ?? useWorkspace.getState().document.layout.rightPanelWidth;

function keepPanelWidth(width: number): void {
  if (width <= 0) return;
  useSettings.getState().setPanel(WIDTH_KEY, width);
  useWorkspace.getState().setLayout({ rightPanelWidth: width });
}

/** Whether the panel is open belongs to the workspace. */
function usePanelMemory(): void {
  useEffect(
    () =>
      usePanel.subscribe((now, before) => {
        if (now.open !== before.open) useWorkspace.getState().setLayout({ rightPanelOpen: now.open });
      }),
    [],
  );
}
