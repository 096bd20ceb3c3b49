import { useEffect, useEffectEvent, useImperativeHandle, useRef, useState, type ReactElement, type Ref } from 'react';
import type { Dialect, SqlCheck } from '../../../../protocol/query-schema.ts';
import { useColorScheme } from '../../../theme/use-color-scheme.ts';
import { useSettings } from '../../../stores/settings.ts';
import { runCommandById } from '../../frame/run-command.ts';
import { themeName } from './editor-theme.ts';
import { goToDefinition } from './go-to.ts';
import { languageOf } from './monarch.ts';
import { monaco } from './monaco.ts';
import type { CodeEditor } from './monaco-types.ts';
import { keepModels, modelOf, rememberView, viewOf } from './models.ts';
import { useDiagnostics } from './use-diagnostics.ts';
import classes from './editor.module.css';

/** What the view needs of the editor. Offsets are UTF-16 units. */
export interface SqlEditorHandle {
  getCursor(): { readonly offset: number; readonly selected: string; readonly text: string };
  /** One step of the editor's own undo. */
  replaceAll(text: string): void;
  insert(text: string): void;
  /** Selects a part of the text and shows it. */
  reveal(from: number, to: number): void;
  focus(): void;
  find(): void;
}
export interface SqlEditorProps {
  readonly tabId: string;
  /** All open tabs: text that is no longer open is forgotten, with its undo. */
  readonly tabIds: readonly string[];
  readonly text: string;
  readonly dialect: Dialect;
  readonly sessionId: string | null;
  readonly onChange: (text: string) => void;
  readonly onCursor: (offset: number) => void;
  readonly onCheck: (check: SqlCheck | null) => void;
  readonly ref?: Ref<SqlEditorHandle>;
}

const OPTIONS = {
  automaticLayout: true,
  fontFamily: '"JetBrains Mono Variable", ui-monospace, monospace',
  fontSize: 12.5,
  lineHeight: 20,
  fontLigatures: false,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  renderLineHighlight: 'line',
  lineNumbersMinChars: 3,
  lineDecorationsWidth: 8,
  folding: true,
  glyphMargin: false,
  padding: { top: 8, bottom: 8 },
  wordBasedSuggestions: 'off',
  suggest: { showStatusBar: false, preview: false, showWords: false, localityBonus: false, insertMode: 'replace' },
  quickSuggestions: { other: true, comments: false, strings: true },
  suggestSelection: 'first',
  tabCompletion: 'off',
  fixedOverflowWidgets: true,
  smoothScrolling: false,
  contextmenu: true,
  links: false,
  unicodeHighlight: { ambiguousCharacters: false },
  bracketPairColorization: { enabled: false },
  overviewRulerLanes: 0,
  hideCursorInOverviewRuler: true,
  scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10, useShadows: false },
  tabSize: 2,
  ariaLabel: 'SQL statement',
  placeholder: 'SELECT …   Ctrl+Space offers names, Ctrl+Enter runs the statement at the cursor',
} as const;

/** Monaco, one editor for all tabs; each tab has a model with an undo of its own. */
export function SqlEditor(props: SqlEditorProps): ReactElement {
  const { tabId, text, dialect, sessionId, ref } = props;
  const host = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<CodeEditor | null>(null);
  const scheme = useColorScheme(useSettings((s) => s.settings.theme));
  const onChange = useEffectEvent((value: string) => value !== props.text && props.onChange(value));
  const onCursor = useEffectEvent((offset: number) => props.onCursor(offset));

  useEffect(() => {
    if (host.current === null) return undefined;
    const made = monaco.editor.create(host.current, { ...OPTIONS, model: null });
    made.onDidChangeModelContent(() => onChange(made.getModel()?.getValue() ?? ''));
    made.onDidChangeCursorPosition(({ position }) => onCursor(made.getModel()?.getOffsetAt(position) ?? 0));
    made.onMouseDown(({ event, target }) => {
      const model = made.getModel();
      if ((event.ctrlKey || event.metaKey) && target.position !== null && model !== null)
        goToDefinition(made, model.getOffsetAt(target.position));
    });
    addActions(made);
    // Its text is drawn in a task of its own, which takes as long as the editor.
    const shown = setTimeout(() => setEditor(made));
    return () => {
      clearTimeout(shown);
      setEditor(null);
      made.dispose();
    };
  }, []);
  useEffect(() => monaco.editor.setTheme(themeName(scheme)), [scheme]);
  useEffect(() => {
    if (editor === null) return undefined;
    editor.setModel(modelOf(monaco, tabId, text, languageOf(dialect)));
    editor.restoreViewState(viewOf(tabId));
    editor.focus();
    onCursor(editor.getModel()?.getOffsetAt(editor.getPosition() ?? { lineNumber: 1, column: 1 }) ?? 0);
    return () => rememberView(tabId, editor.saveViewState());
    // oxlint-disable-next-line react/exhaustive-deps -- a change of the text comes from the model itself, see below
  }, [editor, tabId, dialect]);
  useEffect(() => {
    // The text was changed elsewhere: a workspace was opened, a saved query reverted.
    const model = editor?.getModel();
    if (model !== null && model !== undefined && model.getValue() !== text && !editor?.hasTextFocus())
      model.setValue(text);
  }, [editor, text]);
  useEffect(() => keepModels(props.tabIds), [props.tabIds]);
  useDiagnostics(monaco, editor, sessionId, text, props.onCheck);
  useImperativeHandle(ref, () => handleOf(editor), [editor]);
  return <div ref={host} className={classes.editor} data-sql-editor="" />;
}

function handleOf(editor: CodeEditor | null): SqlEditorHandle {
  const model = (): ReturnType<CodeEditor['getModel']> => editor?.getModel() ?? null;
  return {
    getCursor: () => {
      const m = model();
      const selection = editor?.getSelection() ?? null;
      if (m === null || selection === null) return { offset: 0, selected: '', text: '' };
      return {
        offset: m.getOffsetAt(selection.getPosition()),
        selected: m.getValueInRange(selection),
        text: m.getValue(),
      };
    },
    replaceAll: (text) => {
      const m = model();
      if (m === null) return;
      editor?.pushUndoStop();
      editor?.executeEdits('tributary', [{ range: m.getFullModelRange(), text }]);
      editor?.pushUndoStop();
    },
    insert: (text) => {
      editor?.trigger('tributary', 'type', { text });
      editor?.focus();
    },
    reveal: (from, to) => {
      const m = model();
      if (m === null) return;
      const range = monaco.Range.fromPositions(m.getPositionAt(from), m.getPositionAt(to));
      editor?.setSelection(range);
      editor?.revealRangeInCenterIfOutsideViewport(range);
      editor?.focus();
    },
    focus: () => editor?.focus(),
    find: () => {
      editor?.focus();
      void editor?.getAction('editor.action.startFindReplaceAction')?.run();
    },
  };
}

/** Commands of the window that Monaco would take for its own, and ours in its menu. */
function addActions(editor: CodeEditor): void {
  const { KeyMod, KeyCode } = monaco;
  const add = (id: string, label: string, keys: number[], command: string, order?: number): void => {
    editor.addAction({
      id: `tributary.${id}`,
      label,
      keybindings: keys,
      ...(order === undefined ? {} : { contextMenuGroupId: '1_run', contextMenuOrder: order }),
      run: () => {
        // What could still be typed is of no interest now, and would lie over the result.
        editor.trigger('tributary', 'hideSuggestWidget', null);
        void runCommandById(command);
      },
    });
  };
  add('run', 'Run statement or selection', [KeyMod.CtrlCmd | KeyCode.Enter], 'sql.run', 1);
  add('runAll', 'Run all', [KeyMod.CtrlCmd | KeyMod.Shift | KeyCode.Enter], 'sql.runAll', 2);
  add('explain', 'Explain', [KeyMod.CtrlCmd | KeyCode.KeyE], 'sql.explain', 3);
  add('format', 'Format', [KeyMod.Alt | KeyMod.Shift | KeyCode.KeyF], 'sql.format', 4);
  add('palette', 'Find a command', [KeyMod.CtrlCmd | KeyCode.KeyK], 'window.palette');
  editor.addAction({
    id: 'tributary.definition',
    label: 'Go to definition',
    keybindings: [KeyCode.F12],
    contextMenuGroupId: '2_go',
    run: () => {
      const position = editor.getPosition();
      const model = editor.getModel();
      if (position !== null && model !== null) goToDefinition(editor, model.getOffsetAt(position));
    },
  });
}
