import type { IRange, languages } from 'monaco-editor/editor';
import { complete } from '../language/complete.ts';
import { callAt, describeFunction, meaningAt, type Meaning } from '../language/hover.ts';
import { getSignature } from '../language/functions.ts';
import { describeColumn, rowsText } from '../language/suggest-names.ts';
import type { Suggestion, SuggestionKind } from '../language/suggestion.ts';
import type { CatalogueColumn } from '../language/catalogue.ts';
import { formatCompact } from '../../../widgets/format.ts';
import { editorContext } from './editor-context.ts';
import { languageOf } from './monarch.ts';
import type { Monaco, TextModel } from './monaco-types.ts';

const SELECTOR = [languageOf('sqlite'), languageOf('postgres')];

export function registerProviders(monaco: Monaco): void {
  monaco.languages.registerCompletionItemProvider(SELECTOR, completionOf(monaco));
  monaco.languages.registerHoverProvider(SELECTOR, {
    provideHover: (model, position) => hoverAt(model, model.getOffsetAt(position)),
  });
  monaco.languages.registerSignatureHelpProvider(SELECTOR, {
    signatureHelpTriggerCharacters: ['(', ','],
    signatureHelpRetriggerCharacters: [')'],
    provideSignatureHelp: (model, position) => signatureAt(model, model.getOffsetAt(position)),
  });
}

export const rangeOf = (model: TextModel, from: number, to: number): IRange => {
  const start = model.getPositionAt(from);
  const end = model.getPositionAt(to);
  return {
    startLineNumber: start.lineNumber,
    startColumn: start.column,
    endLineNumber: end.lineNumber,
    endColumn: end.column,
  };
};

function completionOf(monaco: Monaco): languages.CompletionItemProvider {
  const { CompletionItemKind: Kind, CompletionItemInsertTextRule: Rule } = monaco.languages;
  const kinds: Readonly<Record<SuggestionKind, languages.CompletionItemKind>> = {
    column: Kind.Field,
    table: Kind.Struct,
    view: Kind.Interface,
    cte: Kind.Struct,
    alias: Kind.Variable,
    function: Kind.Function,
    keyword: Kind.Keyword,
    value: Kind.EnumMember,
    key: Kind.Property,
    type: Kind.TypeParameter,
    snippet: Kind.Snippet,
    parameter: Kind.Variable,
    join: Kind.Reference,
    schema: Kind.Module,
  };
  const toItem = (s: Suggestion, i: number, range: IRange): languages.CompletionItem => ({
    label: {
      label: s.label,
      ...(s.detail === undefined || s.detail === '' ? {} : { detail: ` ${s.detail}` }),
      ...(s.note === undefined || s.note === '' ? {} : { description: s.note }),
    },
    kind: kinds[s.kind],
    insertText: s.insert,
    filterText: s.label,
    sortText: `${String(s.rank + 10).padStart(3, '0')}${String(i).padStart(6, '0')}`,
    range,
    ...(s.isSnippet === true ? { insertTextRules: Rule.InsertAsSnippet } : {}),
    ...(s.about === undefined || s.about === '' ? {} : { documentation: s.about }),
    ...(s.goesOn === true ? { command: { id: 'editor.action.triggerSuggest', title: '' } } : {}),
  });
  return {
    triggerCharacters: ['.', "'", ':', ' ', '('],
    provideCompletionItems: async (model, position, { triggerCharacter }) => {
      const text = model.getValue();
      const offset = model.getOffsetAt(position);
      const asked: string[] = [];
      const input = { text, offset, catalogue: editorContext.catalogue, parameters: editorContext.parameters };
      let found = complete({ ...input, valuesOf: (key) => (asked.push(key), []) });
      const [key] = asked;
      if (key !== undefined) {
        const values = await editorContext.valuesOf(key);
        found = complete({ ...input, valuesOf: () => values });
      }
      // After a space or a bracket only what the place asks for itself: sources, values, joins.
      const isPushed = triggerCharacter === ' ' || triggerCharacter === '(';
      const shown = isPushed ? found.suggestions.filter((s) => s.rank < 1 || isSource(s)) : found.suggestions;
      if (isPushed && shown.every((s) => s.kind === 'keyword')) return { suggestions: [] };
      const range = rangeOf(model, found.from, found.to);
      return { suggestions: shown.map((s, i) => toItem(s, i, range)) };
    },
  };
}
const isSource = (s: Suggestion): boolean => s.kind === 'table' || s.kind === 'view' || s.kind === 'cte';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const shorten = (text: string): string => (text.length > 90 ? `${text.slice(0, 89)}…` : text);
const columnTable = (columns: readonly CatalogueColumn[]): string =>
  [
    '| | | |',
    '|---|---|---|',
    ...columns
      .slice(0, 40)
      .map((c) => `| \`${cell(c.name)}\` | ${cell(c.type)} | ${shorten(cell(describeColumn(c)))} |`),
  ].join('\n');

function hoverText(meaning: Meaning): readonly string[] {
  switch (meaning.kind) {
    case 'column': {
      const { column, source } = meaning;
      const top = [...(column.values ?? []), ...(column.keys ?? [])].slice(0, 8);
      const list = top.map((v) => `\`${v.name}\`${v.count > 0 ? ` ${formatCompact(v.count)}` : ''}`).join(' · ');
      return [
        `**${column.name}** \`${column.type === '' ? 'unknown type' : column.type}\` of \`${source.table?.name ?? source.name}\``,
        [
          column.primaryKey === true ? 'primary key' : '',
          column.notNull === true ? 'not null' : '',
          column.comment ?? '',
        ]
          .filter((t) => t !== '')
          .join(' · '),
        list,
      ];
    }
    case 'table':
      return [
        `**${meaning.table.name}** ${meaning.table.kind} ${rowsText(meaning.table.rows)}`,
        meaning.table.comment ?? '',
        columnTable(meaning.table.columns),
      ];
    case 'cte':
    case 'query':
      return [
        `**${meaning.kind === 'cte' ? meaning.cte.name : meaning.name}** ${meaning.kind === 'cte' ? 'WITH' : 'query'}`,
        columnTable(meaning.columns),
      ];
    case 'function':
      return [`\`${describeFunction(meaning.fn)}\``, meaning.fn.about];
  }
}

function hoverAt(model: TextModel, offset: number): languages.Hover | null {
  const meaning = meaningAt(model.getValue(), offset, editorContext.catalogue);
  if (meaning === null) return null;
  // Names come from files: markdown that is not trusted runs nothing, and links nowhere.
  const contents = hoverText(meaning)
    .filter((t) => t !== '')
    .map((value) => ({ value, isTrusted: false, supportHtml: false }));
  return { contents, range: rangeOf(model, meaning.start, meaning.end) };
}

function signatureAt(model: TextModel, offset: number): languages.SignatureHelpResult | null {
  const call = callAt(model.getValue(), offset, editorContext.catalogue);
  if (call === null || call.fn.parameters.length === 0) return null;
  const { fn, parameter } = call;
  const value: languages.SignatureHelp = {
    signatures: [
      {
        label: getSignature(fn),
        documentation: fn.about,
        parameters: fn.parameters.map((label) => ({ label })),
      },
    ],
    activeSignature: 0,
    activeParameter: parameter,
  };
  return { value, dispose: () => undefined };
}
