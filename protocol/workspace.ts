import { z } from 'zod';
import { fromZodError } from './error-schema.ts';
import { EngineError } from './errors.ts';
import { AnalysisSchema } from './document.ts';
import { TABLE_NAME } from './query.ts';
import { SourceRefSchema } from './source.ts';
import { EMPTY_SQL, SqlPartSchema } from './sql-workspace.ts';

/** A workspace file (`*.tributary.json`): source, analyses, layout. Plain JSON, one version number, upgrade steps. */
export const WORKSPACE_VERSION = 2;
export const VIEWS = [
  'overview',
  'funnel',
  'flow',
  'journey',
  'retention',
  'rollups',
  'live',
  'compare',
  'data',
  'sql',
] as const;
export type View = (typeof VIEWS)[number];

export const WorkspaceSegmentSchema = z.strictObject({
  /** Of the local table, and in `$segment.TABLE`. */
  table: z.string().regex(TABLE_NAME),
  /** For people. */
  name: z.string().min(1).max(100),
  /** When it was made. */
  actors: z.int().min(0),
  /** Name of the source that its ids are from. */
  source: z.string(),
});
export type WorkspaceSegment = z.output<typeof WorkspaceSegmentSchema>;

export const WorkspaceSchema = z.strictObject({
  kind: z.literal('tributary-workspace'),
  version: z.literal(WORKSPACE_VERSION),
  /** Path relative to the workspace file where it lies beside or below it, else absolute. */
  source: SourceRefSchema.nullable(),
  /** What `source` is held against in the Compare view; paths as in `source`. */
  second: SourceRefSchema.nullable().default(null),
  timezone: z.string(),
  /** Set by the source bar; local moments; null = open. Applied to every analysis that has no own range. */
  range: z.strictObject({ from: z.string().nullable(), to: z.string().nullable() }),
  asOf: z.string().nullable(),
  knownAt: z.string().nullable(),
  view: z.enum(VIEWS),
  /** The document being edited in each view, by a key such as `funnel`, `flow`, `retention.lifecycle`. */
  analyses: z.record(z.string(), AnalysisSchema),
  /** Named analyses kept by the user. */
  saved: z.array(z.strictObject({ id: z.string(), name: z.string(), analysis: AnalysisSchema })),
  /** Segments of actors. Their ids are local tables of this machine (`actor-segments.ts`). */
  segments: z.array(WorkspaceSegmentSchema).default([]),
  /** Since version 2. */
  sql: SqlPartSchema,
  layout: z.strictObject({ rightPanelOpen: z.boolean(), rightPanelWidth: z.number().min(0) }),
});
export type Workspace = z.output<typeof WorkspaceSchema>;

/** Steps from version n to n + 1, for files written by older versions. Index 0 upgrades version 1. */
const UPGRADES: readonly ((old: Record<string, unknown>) => Record<string, unknown>)[] = [
  (old) => ({ ...old, version: 2, sql: EMPTY_SQL }),
];

/** Throws E_BAD_WORKSPACE (with the path in the JSON), or E_UNSUPPORTED for a file of a newer version. */
export function parseWorkspace(input: unknown): Workspace {
  if (typeof input !== 'object' || input === null || (input as { kind?: unknown }).kind !== 'tributary-workspace')
    throw new EngineError('E_BAD_WORKSPACE', 'This is not a Tributary workspace.', {
      hint: 'Choose a file that ends in .tributary.json.',
    });
  let document = input as Record<string, unknown>;
  const version = Number(document['version']);
  if (version > WORKSPACE_VERSION)
    throw new EngineError('E_UNSUPPORTED', `This workspace was saved by a newer Tributary (format ${version}).`, {
      hint: 'Update Tributary, then open it again. The file was not changed.',
    });
  for (let v = version; v < WORKSPACE_VERSION; v++) document = UPGRADES[v - 1]?.(document) ?? document;
  const parsed = WorkspaceSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw fromZodError(parsed.error, 'E_BAD_WORKSPACE', 'This workspace cannot be read');
}

/** Stable text: two-space JSON with a final newline, so that git diffs stay small. */
export function formatWorkspace(workspace: Workspace): string {
  return `${JSON.stringify(workspace, null, 2)}\n`;
}
