import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { useDeferredValue, useEffect, type ReactElement } from 'react';
import { useBoot } from './stores/boot.ts';
import { useSettings } from './stores/settings.ts';
import { cssVariables, theme } from './theme/mantine-theme.ts';
import { Frame } from './views/frame/Frame.tsx';
import { useColorScheme } from './theme/use-color-scheme.ts';
import { ErrorBoundary } from './widgets/ErrorBoundary.tsx';
import { ErrorPanel } from './widgets/states.tsx';

export function App(): ReactElement {
  const scheme = useColorScheme(useSettings((s) => s.settings.theme));
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} forceColorScheme={scheme}>
      <Notifications position="bottom-right" limit={3} containerWidth={380} />
      <ErrorBoundary what="Tributary">
        <Booted />
      </ErrorBoundary>
    </MantineProvider>
  );
}

function Booted(): ReactElement | null {
  const { boot, error, load } = useBoot();
  // Everything in the window is made when this comes: in slices, and what its effects measure in a task of its own.
  const known = useDeferredValue(boot);
  const zoom = useSettings((s) => s.settings.zoom);
  useEffect(() => void load(), [load]);
  useEffect(() => {
    document.documentElement.style.zoom = String(zoom);
  }, [zoom]);
  if (error !== null) return <ErrorPanel title="Tributary could not start" error={error} onRetry={() => void load()} />;
  return known === null ? null : <Frame boot={known} />;
}
