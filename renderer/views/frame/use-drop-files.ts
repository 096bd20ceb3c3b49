import { useEffect } from 'react';
import { create } from 'zustand';
import { EngineError } from '../../../protocol/index.ts';
import { pathOfFile } from '../../engine/shell.ts';
import { openPath } from '../../stores/files.ts';
import { notifyError } from './run-command.ts';

/** A file is being dragged over the window. */
export const useDropState = create<{ readonly over: boolean }>()(() => ({ over: false }));

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;

async function openDropped(file: File): Promise<void> {
  const path = pathOfFile(file);
  if (path === null || path === '')
    throw new EngineError('E_UNSUPPORTED', `The browser does not say where ${file.name} lies.`, {
      hint: 'Open it by its place instead: Open a snapshot…',
    });
  await openPath(path);
}

/** A file dropped anywhere is opened. */
export function useDropFiles(): void {
  useEffect(() => {
    const stop = new AbortController();
    const on = <K extends 'dragenter' | 'dragover' | 'dragleave' | 'drop'>(
      type: K,
      listener: (event: DragEvent) => void,
    ): void => window.addEventListener(type, listener, { signal: stop.signal });
    on('dragover', (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      useDropState.setState({ over: true });
    });
    on('dragleave', (event) => {
      if (event.relatedTarget === null) useDropState.setState({ over: false });
    });
    on('drop', (event) => {
      useDropState.setState({ over: false });
      const [file] = event.dataTransfer?.files ?? [];
      if (file === undefined) return;
      event.preventDefault();
      void openDropped(file).catch(notifyError);
    });
    return () => stop.abort();
  }, []);
}
