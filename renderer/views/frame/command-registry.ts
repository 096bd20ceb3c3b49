import { useEffect } from 'react';
import { create } from 'zustand';

/** A thing one can do: in the palette, the native menu, by a shortcut, and in the help sheet. */
export interface Command {
  /** Stable: the native menu sends it. */
  readonly id: string;
  /** `Open a snapshot…` */
  readonly title: string;
  readonly group: 'File' | 'Edit' | 'View' | 'Analysis' | 'Window' | 'Help';
  /** `mod+shift+S`; mod = ⌘ on macOS, Ctrl elsewhere. */
  readonly shortcut?: string;
  readonly keywords?: readonly string[];
  readonly isEnabled?: () => boolean;
  run(): unknown;
}

interface RegistryState {
  readonly bySource: ReadonlyMap<symbol, readonly Command[]>;
}
const useRegistry = create<RegistryState>()(() => ({ bySource: new Map() }));

/** All commands there are now, the frame's first. */
export const getCommands = (): readonly Command[] => [...useRegistry.getState().bySource.values()].flat();
export function useAllCommands(): readonly Command[] {
  const bySource = useRegistry((s) => s.bySource);
  return [...bySource.values()].flat();
}

export function addCommands(commands: readonly Command[]): () => void {
  const source = Symbol('commands');
  useRegistry.setState((s) => ({ bySource: new Map(s.bySource).set(source, commands) }));
  return () =>
    useRegistry.setState((s) => {
      const bySource = new Map(s.bySource);
      bySource.delete(source);
      return { bySource };
    });
}

/** A view's own commands, while it is on the screen. Pass a stable array (useMemo). */
export function useCommands(commands: readonly Command[]): void {
  useEffect(() => addCommands(commands), [commands]);
}
