import type * as monacoApi from 'monaco-editor/editor';

/** Types only: importing this file loads nothing. */
export type Monaco = typeof monacoApi;
export type CodeEditor = monacoApi.editor.IStandaloneCodeEditor;
export type TextModel = monacoApi.editor.ITextModel;
