import { useEffect, type RefObject } from 'react';
import { create } from 'zustand';
import type { SqlEditorHandle } from './editor/SqlEditor.tsx';

/** Text that the tree wants at the cursor. */
const useInsertTask = create<{ readonly text: string | null }>()(() => ({ text: null }));
export const insertText = (text: string): void => useInsertTask.setState({ text });

export function useInsert(editor: RefObject<SqlEditorHandle | null>): void {
  const text = useInsertTask((s) => s.text);
  useEffect(() => {
    if (text === null) return;
    editor.current?.insert(text);
    useInsertTask.setState({ text: null });
  }, [text, editor]);
}
