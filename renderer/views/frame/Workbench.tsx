import { useEffect, type ReactElement } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { usePanel } from '../../stores/panel.ts';
import { useSettings } from '../../stores/settings.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { Banners } from './Banners.tsx';
import { Rail } from './Rail.tsx';
import { RightPanel } from './RightPanel.tsx';
import { StatusBar } from './StatusBar.tsx';
import { TopBar } from './TopBar.tsx';
import { ViewSlot } from './ViewSlot.tsx';
import classes from './Workbench.module.css';

export const RIGHT_WIDTH = 320;

export function Workbench(): ReactElement {
  const view = useWorkspace((s) => s.document.view);
  const open = usePanel((s) => s.open);
  usePanelMemory();
  return (
    <div className={classes.frame}>
      <TopBar />
      <div className={classes.main}>
        <Rail />
        <Group className={classes.group} orientation="horizontal" id="workbench">
          <Panel id="view" minSize={420}>
            <main className={classes.view}>
              <Banners />
              <div className={classes.slot}>
                <ViewSlot view={view} />
              </div>
            </main>
          </Panel>
          {open && <Separator className={classes.separator} aria-label="Width of the right panel" />}
          {open && <RightSide />}
        </Group>
      </div>
      <StatusBar />
    </div>
  );
}

function RightSide(): ReactElement {
  // The width at the time of opening: later ones come from the panel itself.
  const width = useSettings.getState().settings.panels['frame.right'] ?? RIGHT_WIDTH;
  return (
    <Panel
      id="right"
      defaultSize={width}
      minSize={260}
      maxSize={640}
      groupResizeBehavior="preserve-pixel-size"
      onResize={({ inPixels }) => {
        const { setPanel } = useSettings.getState();
        if (inPixels > 0) setPanel('frame.right', Math.round(inPixels));
      }}
    >
      <RightPanel />
    </Panel>
  );
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
