import { useEffect, type ReactElement } from 'react';
import type { BootInfo } from '../../../protocol/index.ts';
import { useSession } from '../../stores/session.ts';
import { downloadTarget, ExportTargetContext, type ExportTarget } from '../../widgets/export-target.ts';
import { MappingPage } from '../source/MappingPage.tsx';
import { SourceChooser } from '../source/SourceChooser.tsx';
import { Welcome } from '../welcome/Welcome.tsx';
import { Banners } from './Banners.tsx';
import { addCommands } from './command-registry.ts';
import { FRAME_COMMANDS } from './commands.ts';
import { ConfirmLeave } from './ConfirmLeave.tsx';
import { desktopTarget } from './desktop-target.ts';
import { DropOverlay } from './DropOverlay.tsx';
import { HelpSheet } from './HelpSheet.tsx';
import { Palette } from './Palette.tsx';
import { useDropFiles } from './use-drop-files.ts';
import { useGestures } from './use-gestures.ts';
import { useRecoveryAutosave } from './use-recovery-autosave.ts';
import { useShellEvents } from './use-shell-events.ts';
import { useShortcuts } from './use-shortcuts.ts';
import { useWindowTitle } from './use-window-title.ts';
import { Workbench } from './Workbench.tsx';

const targetOf = (boot: BootInfo): ExportTarget => (boot.mode === 'desktop' ? desktopTarget : downloadTarget);

/** Everything in the window: the welcome page, the mapping editor or the workbench, and what floats above. */
export function Frame({ boot }: { readonly boot: BootInfo }): ReactElement {
  useEffect(() => addCommands(FRAME_COMMANDS), []);
  useShortcuts();
  useShellEvents(boot);
  useRecoveryAutosave();
  useWindowTitle();
  useDropFiles();
  useGestures();
  return (
    <ExportTargetContext value={targetOf(boot)}>
      <Page />
      <Banners />
      <Palette />
      <HelpSheet />
      <SourceChooser />
      <ConfirmLeave />
      <DropOverlay />
    </ExportTargetContext>
  );
}

function Page(): ReactElement {
  const mapping = useSession((s) => s.mapping);
  const isOpen = useSession((s) => s.source !== null);
  if (mapping !== null) return <MappingPage key={mapping.ref.path} task={mapping} />;
  return isOpen ? <Workbench /> : <Welcome />;
}
