// Parts of Monaco without types of their own: they are only loaded.
declare module 'monaco-editor/editor/common/model/textModel' {
  export const TextModel: unknown;
}
declare module 'monaco-editor/editor/browser/widget/codeEditor/codeEditorWidget' {
  export const CodeEditorWidget: unknown;
}
