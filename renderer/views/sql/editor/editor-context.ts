import type { Catalogue, Counted } from '../language/catalogue.ts';

/** What the editor's language services work with: one editor is on the screen at a time. */
export interface EditorContext {
  catalogue: Catalogue;
  /** Names of parameters in use. */
  parameters: readonly string[];
  /** Values of a JSON key, as far as they are known; unknown ones are fetched for the next time. */
  valuesOf: (key: string) => Promise<readonly Counted[]>;
  /** Shows a table in the schema tree. */
  showTable: (schema: string | null, name: string) => void;
}
export const editorContext: EditorContext = {
  catalogue: { dialect: 'sqlite', tables: [] },
  parameters: [],
  valuesOf: () => Promise.resolve([]),
  showTable: () => undefined,
};
