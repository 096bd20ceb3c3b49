export { TextModel } from 'monaco-editor/editor/common/model/textModel';
