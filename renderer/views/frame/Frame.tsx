import { lazy, startTransition, Suspense, useEffect, useMemo, useState, type ReactElement } from 'react';
import { getAddress, type BootInfo } from '../../../protocol/index.ts';
import { usePartialHold } from '../../stores/partial.ts';
import { useSession } from '../../stores/session.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { downloadTarget, ExportTargetContext, type ExportTarget } from '../../widgets/export-target.ts';
import { Welcome } from '../welcome/Welcome.tsx';
import { Banners } from './Banners.tsx';
import { addCommands } from './command-registry.ts';
import { FRAME_COMMANDS } from './commands.ts';
import { desktopTarget } from './desktop-target.ts';
import { DropOverlay } from './DropOverlay.tsx';
import { onDemand, prefetch, prefetchViews, VIEW } from './load-view.ts';
import { useDropFiles } from './use-drop-files.ts';
import { useGestures } from './use-gestures.ts';
import { useRecoveryAutosave } from './use-recovery-autosave.ts';
import { useShellEvents } from './use-shell-events.ts';
import { useShortcuts } from './use-shortcuts.ts';
import { useWindowTitle } from './use-window-title.ts';

// The first paint needs the welcome page only; the rest comes with the moment after it.
const loadFloating = () => import('./Floating.tsx');
const WORKBENCH = onDemand(async () => (await import('./Workbench.tsx')).Workbench);
const Floating = lazy(async () => ({ default: (await loadFloating()).Floating }));
const MappingPage = lazy(async () => ({ default: (await import('../source/MappingPage.tsx')).MappingPage }));

/** Nothing that was counted from a preview goes into a file. */
function useExportTarget(boot: BootInfo): ExportTarget {
  const held = usePartialHold();
  const target = boot.mode === 'desktop' ? desktopTarget : downloadTarget;
  return useMemo(() => ({ ...target, held }), [target, held]);
}

/** Elements that stay the same: what is in them does not hang on the frame, which is made anew with every view and phase. */
const PAGE = (
  <Suspense fallback={null}>
    <Page />
  </Suspense>
);
const ABOVE = (
  <>
    <Banners />
    <Suspense fallback={null}>
      <Floating />
    </Suspense>
    <DropOverlay />
  </>
);

/** Everything in the window: the welcome page, the mapping editor or the workbench, and what floats above. */
export function Frame({ boot }: { readonly boot: BootInfo }): ReactElement {
  useEffect(() => addCommands(FRAME_COMMANDS), []);
  useShortcuts();
  useShellEvents(boot);
  useRecoveryAutosave();
  useWindowTitle();
  useDropFiles();
  useGestures();
  usePrefetch();
  return (
    <ExportTargetContext value={useExportTarget(boot)}>
      {PAGE}
      {ABOVE}
    </ExportTargetContext>
  );
}

/** After the welcome page, or the first view, has had its time. */
const PREFETCH_MS = 1_500;

/** While a source opens, the code is fetched of what will show it; of everything else, when there is nothing to do. */
function usePrefetch(): void {
  const isOpening = useSession((s) => s.phase === 'opening');
  const view = useWorkspace((s) => s.document.view);
  useEffect(() => {
    void prefetch(WORKBENCH);
    const stop = new AbortController();
    const timer = setTimeout(() => void prefetchViews(stop.signal), PREFETCH_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, []);
  useEffect(() => {
    if (isOpening) void prefetch(VIEW[view]);
  }, [isOpening, view]);
}

/**
 * Whether to show the open source: once the code that shows it is here, or will not come. Shown before, it is a fallback
 * first, and React then keeps the view and its question back for 300 ms.
 */
function useShown(isOpen: boolean): boolean {
  const view = useWorkspace((s) => s.document.view);
  const [shown, setShown] = useState(false);
  if (!isOpen && shown) setShown(false);
  useEffect(() => {
    if (!isOpen || shown) return undefined;
    let isCurrent = true;
    void Promise.all([WORKBENCH, VIEW[view]].map(prefetch)).then(() => {
      // In slices, between which the first answer comes in.
      if (isCurrent) startTransition(() => setShown(true));
    });
    return () => {
      isCurrent = false;
    };
  }, [isOpen, shown, view]);
  return isOpen && shown;
}

function Opened(): ReactElement {
  const [Workbench] = useState(() => WORKBENCH.get());
  // oxlint-disable-next-line react/static-components -- fetched, not made here
  return <Workbench />;
}

function Page(): ReactElement {
  const mapping = useSession((s) => s.mapping);
  const isOpen = useShown(useSession((s) => s.source !== null));
  if (mapping !== null) return <MappingPage key={getAddress(mapping.ref)} task={mapping} />;
  return isOpen ? <Opened /> : <Welcome />;
}
