import type { languages } from 'monaco-editor/editor';
import type { Dialect } from '../../../../protocol/query-schema.ts';
import { getFunctions } from '../language/functions.ts';
import { RESERVED, TYPES } from '../language/keywords.ts';
import type { Monaco } from './monaco-types.ts';

export const languageOf = (dialect: Dialect): string => `tributary-${dialect}`;
const DIALECTS = ['sqlite', 'postgres'] as const;

const MORE = `RECURSIVE MATERIALIZED EXPLAIN QUERY PLAN ANALYZE INTERVAL AT TIME ZONE FIRST LAST FOLLOWING PRECEDING UNBOUNDED CURRENT
  ROW EXCLUDE TIES OTHERS WITHOUT ORDINALITY VERBOSE BUFFERS FORMAT GROUPING SETS CUBE ROLLUP`;

/** Words, in colour, as far as one line tells; what names mean is for completion and hover to say. */
function grammarOf(dialect: Dialect): languages.IMonarchLanguage {
  const quotedNames: languages.IMonarchLanguageRule[] =
    dialect === 'sqlite'
      ? [
          [/`[^`]*`/, 'quoted'],
          [/\[[^\]]*\]/, 'quoted'],
        ]
      : [[/(\$[a-zA-Z_]*\$)/, { token: 'string', next: '@dollar.$1' }]];
  return {
    ignoreCase: true,
    unicode: true,
    keywords: [...RESERVED, ...MORE.split(/\s+/), ...TYPES[dialect].map((t) => t.toUpperCase())],
    functions: getFunctions(dialect).map((f) => f.name.toUpperCase()),
    tokenizer: {
      root: [
        [/--.*$/, 'comment'],
        [/\/\*/, { token: 'comment', next: '@comment' }],
        [/"(?:[^"]|"")*"/, 'quoted'],
        ...quotedNames,
        [/'/, { token: 'string', next: '@string' }],
        [/::/, 'operator'],
        [/[:@][\p{L}_][\p{L}\p{N}_]*/u, 'parameter'],
        [/(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/, 'number'],
        [
          /[\p{L}_][\p{L}\p{N}_$]*(?=\s*\()/u,
          { cases: { '@keywords': 'keyword', '@functions': 'function', '@default': 'function' } },
        ],
        [/[\p{L}_][\p{L}\p{N}_$]*/u, { cases: { '@keywords': 'keyword', '@default': 'identifier' } }],
        [/[;,.()]/, 'delimiter'],
        [/[<>=!%&+\-*/|~^@#?]+/, 'operator'],
      ],
      string: [
        [/[^']+/, 'string'],
        [/''/, 'string'],
        [/'/, { token: 'string', next: '@pop' }],
      ],
      dollar: [
        [/[^$]+/, 'string'],
        [/\$[a-zA-Z_]*\$/, { cases: { '$0==$S2': { token: 'string', next: '@pop' }, '@default': 'string' } }],
        [/\$/, 'string'],
      ],
      comment: [
        [/[^/*]+/, 'comment'],
        ...(dialect === 'postgres'
          ? [[/\/\*/, { token: 'comment', next: '@comment' }] as languages.IMonarchLanguageRule]
          : []),
        [/\*\//, { token: 'comment', next: '@pop' }],
        [/[/*]/, 'comment'],
      ],
    },
  };
}

const CONFIGURATION: languages.LanguageConfiguration = {
  comments: { lineComment: '--', blockComment: ['/*', '*/'] },
  brackets: [['(', ')']],
  autoClosingPairs: [
    { open: '(', close: ')' },
    { open: "'", close: "'", notIn: ['string', 'comment'] },
    { open: '"', close: '"', notIn: ['string', 'comment'] },
  ],
  surroundingPairs: [
    { open: '(', close: ')' },
    { open: "'", close: "'" },
    { open: '"', close: '"' },
  ],
};

export function registerLanguages(monaco: Monaco): void {
  for (const dialect of DIALECTS) {
    const id = languageOf(dialect);
    monaco.languages.register({ id });
    monaco.languages.setMonarchTokensProvider(id, grammarOf(dialect));
    monaco.languages.setLanguageConfiguration(id, CONFIGURATION);
  }
}
