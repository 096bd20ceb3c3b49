export type SuggestionKind =
  | 'column'
  | 'table'
  | 'view'
  | 'cte'
  | 'alias'
  | 'function'
  | 'keyword'
  | 'value'
  | 'key'
  | 'type'
  | 'snippet'
  | 'parameter'
  | 'join'
  | 'schema';

/** One offer of the completion list. */
export interface Suggestion {
  readonly label: string;
  readonly kind: SuggestionKind;
  /** What is written; a snippet of Monaco's form when `isSnippet`. */
  readonly insert: string;
  readonly isSnippet?: boolean;
  /** Beside the label: the type, the parameters. */
  readonly detail?: string;
  /** At the right end: where it comes from, how many rows. */
  readonly note?: string;
  /** In the pane beside the list. */
  readonly about?: string;
  /** Groups in the order they are offered; within one, as listed. */
  readonly rank: number;
  /** Asks for the next list at once (after `alias.`). */
  readonly goesOn?: boolean;
}

/** What is offered, and which part of the text it takes the place of. */
export interface Completion {
  readonly from: number;
  readonly to: number;
  readonly suggestions: readonly Suggestion[];
}
