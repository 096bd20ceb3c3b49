import { useCallback, useEffect, useRef, useState } from 'react';
import { toErrorData, type ErrorData, type ShellAnswers } from '../../../protocol/index.ts';
import { shell } from '../../engine/shell.ts';

export type Folder = ShellAnswers['listFolder'];
export interface FolderState {
  /** The newest folder that could be listed; stays while another is looked at. */
  readonly folder: Folder | null;
  readonly error: ErrorData | null;
  /** Another folder is on its way: nothing may be put into `folder` meanwhile. */
  readonly isGoing: boolean;
  /** Lists `path`, null = where files usually are. Null when it can't be listed, or another was asked for meanwhile. */
  readonly go: (path: string | null) => Promise<Folder | null>;
}

const LAST_FOLDER = 'tributary.folder';
const remember = (path: string): void => {
  try {
    localStorage.setItem(LAST_FOLDER, path);
  } catch {
    // Private windows have no storage; then one starts at home.
  }
};
const remembered = (): string | null => {
  try {
    return localStorage.getItem(LAST_FOLDER);
  } catch {
    return null;
  }
};

export function useFolder(): FolderState {
  const [folder, setFolder] = useState<Folder | null>(null);
  const [error, setError] = useState<ErrorData | null>(null);
  const [isGoing, setIsGoing] = useState(true);
  const newest = useRef(0);
  const go = useCallback(async (path: string | null): Promise<Folder | null> => {
    const mine = ++newest.current;
    setIsGoing(true);
    try {
      const found = await shell('listFolder', { path });
      if (mine !== newest.current) return null;
      setFolder(found);
      setError(null);
      remember(found.path);
      return found;
    } catch (thrown) {
      if (mine === newest.current) setError(toErrorData(thrown));
      return null;
    } finally {
      if (mine === newest.current) setIsGoing(false);
    }
  }, []);
  useEffect(() => {
    // oxlint-disable-next-line react/set-state-in-effect -- set only when the listing has come.
    const first = go(remembered());
    const mine = newest.current;
    void first.then((found) => (found !== null || mine !== newest.current ? undefined : go(null)));
  }, [go]);
  return { folder, error, isGoing, go };
}
