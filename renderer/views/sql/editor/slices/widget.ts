export { CodeEditorWidget } from 'monaco-editor/editor/browser/widget/codeEditor/codeEditorWidget';
