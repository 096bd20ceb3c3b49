import { z } from 'zod';

/** What a workspace keeps of ad-hoc SQL: tabs, saved queries, what was run. Texts only; results are never in a file. */
export const CHART_SHAPES = ['line', 'bar', 'area', 'scatter', 'heatmap', 'sankey', 'funnel'] as const;
export type ChartShape = (typeof CHART_SHAPES)[number];

/** A picture of a result, by names of its columns. */
export const ChartSetupSchema = z.strictObject({
  shape: z.enum(CHART_SHAPES),
  /** Position; of a Sankey where it comes from, of a funnel the step. */
  x: z.string().nullable(),
  /** Measures; of a heat map and a Sankey one, of a scatter the second axis. */
  y: z.array(z.string()).max(12),
  /** Splits a measure into series; of a heat map the rows, of a Sankey where it goes. */
  series: z.string().nullable(),
  stacked: z.boolean(),
});
export type ChartSetup = z.output<typeof ChartSetupSchema>;

/** A column of a result as it is shown, by its name. */
export const GridColumnSchema = z.strictObject({
  name: z.string(),
  /** px. */
  width: z.number().min(10).max(10_000),
  pinned: z.boolean(),
});
export type GridColumn = z.output<typeof GridColumnSchema>;
/** In their order; empty = as the statement gives them. */
const columns = z.array(GridColumnSchema).max(2_000).default([]);

const text = z.string().max(1_000_000);
export const SqlTabSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  text,
  /** The saved query it was opened from. */
  savedId: z.string().nullable(),
  /** Values of `:name` that the workspace does not bind, as typed. */
  params: z.record(z.string(), z.string()),
  /** null = a guess from the result. */
  chart: ChartSetupSchema.nullable(),
  columns,
});
export type SqlTab = z.output<typeof SqlTabSchema>;

export const SavedQuerySchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  text,
  chart: ChartSetupSchema.nullable(),
  columns,
  /** ms since the epoch. */
  savedAt: z.number(),
});
export type SavedQuery = z.output<typeof SavedQuerySchema>;

/** The newest first, at most `HISTORY_LENGTH`. */
export const HISTORY_LENGTH = 300;
export const SqlHistoryEntrySchema = z.strictObject({
  id: z.string(),
  text,
  /** Start, ms since the epoch. */
  at: z.number(),
  ms: z.number(),
  /** null = it gave none. */
  rows: z.number().nullable(),
  /** null = it went well. */
  error: z.string().nullable(),
});
export type SqlHistoryEntry = z.output<typeof SqlHistoryEntrySchema>;

export const SqlLimitsSchema = z.strictObject({
  rows: z.number().min(1),
  bytes: z.number().min(1000),
  memoryBytes: z.number().min(1),
  deadlineMs: z.number().min(1),
});
export type SqlLimits = z.output<typeof SqlLimitsSchema>;

export const SqlPartSchema = z.strictObject({
  tabs: z.array(SqlTabSchema).max(200),
  activeTab: z.string().nullable(),
  saved: z.array(SavedQuerySchema),
  history: z.array(SqlHistoryEntrySchema),
  /** null = as the program has them. */
  limits: SqlLimitsSchema.nullable(),
});
export type SqlPart = z.output<typeof SqlPartSchema>;
export const EMPTY_SQL: SqlPart = { tabs: [], activeTab: null, saved: [], history: [], limits: null };
