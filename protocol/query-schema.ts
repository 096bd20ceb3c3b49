/** What is in a database, for the tree, completion and the diagram; and what is known of a statement before it runs. */
export type Dialect = 'sqlite' | 'postgres';

/** Half-open, in UTF-16 code units of the statement's text, as editors count. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}
export interface Diagnostic extends TextRange {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** `refused`: it can be read, and the guard does not let it run. */
  readonly kind: 'syntax' | 'refused' | 'name' | 'other';
}
export interface SqlCheck {
  readonly diagnostics: readonly Diagnostic[];
  /** Without the separating semicolons; statements that are only comments are left out. */
  readonly statements: readonly TextRange[];
  /** Names of `:name` parameters, once each, in the order they come. */
  readonly parameters: readonly string[];
}

export interface ProofStep {
  readonly name: string;
  readonly passed: boolean;
  readonly text: string;
}
export interface ReadOnlyProof {
  /** `proved`: every step passed. `weak`: proved, but the role could write (see `warnings`). `failed`: no query is run. */
  readonly status: 'proved' | 'weak' | 'failed';
  /** One line: "read-only: proved". */
  readonly text: string;
  readonly steps: readonly ProofStep[];
  /** Of the role: superuser, may create, may run lo_* or dblink. */
  readonly warnings: readonly string[];
}
export interface QuerySession {
  readonly sessionId: string;
  readonly dialect: Dialect;
  readonly name: string;
  /** `SQLite 3.53.4`, `PostgreSQL 18.1`. */
  readonly server: string;
  readonly readOnly: ReadOnlyProof;
}

export interface SchemaColumn {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly primaryKey: boolean;
  readonly comment: string | null;
}
export interface SchemaIndex {
  readonly name: string;
  readonly unique: boolean;
  /** Column names or expressions. */
  readonly columns: readonly string[];
  readonly ddl: string | null;
}
export interface SchemaReference {
  readonly columns: readonly string[];
  readonly toSchema: string;
  readonly toTable: string;
  readonly toColumns: readonly string[];
}
export interface SchemaPartition {
  readonly schema: string;
  readonly name: string;
  /** `FOR VALUES FROM ('2026-01-01T00') TO ('2026-01-02T00')`. */
  readonly bounds: string | null;
  readonly rows: number | null;
  readonly bytes: number | null;
}
export interface SchemaTable {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'view' | 'materialized view' | 'partitioned table' | 'virtual table' | 'foreign table';
  readonly comment: string | null;
  /** Cheap counts only: null = not known without reading it. `isEstimate`: the server's own guess. */
  readonly rows: number | null;
  readonly isEstimate: boolean;
  readonly bytes: number | null;
  readonly columns: readonly SchemaColumn[];
  readonly indexes: readonly SchemaIndex[];
  readonly references: readonly SchemaReference[];
  readonly partitions: readonly SchemaPartition[];
  readonly ddl: string | null;
}
export interface SchemaInfo {
  readonly dialect: Dialect;
  /** Where names without a schema are looked for: `main`, or the connection's schema. */
  readonly defaultSchema: string;
  readonly tables: readonly SchemaTable[];
  /** Of the engine, for completion; the guard lets every one of them be called. */
  readonly functions: readonly string[];
}

/** Names seen in the data, from a bounded sample (the latest rows of event tables). */
export interface SqlVocabulary {
  readonly jsonKeys: readonly {
    readonly schema: string;
    readonly table: string;
    readonly column: string;
    readonly keys: readonly { readonly key: string; readonly type: string; readonly share: number }[];
  }[];
  readonly eventTypes: readonly { readonly name: string; readonly count: number | null }[];
}

/** Before a run. Nulls = the engine does not say. */
export interface Estimate {
  readonly rows: number | null;
  /** Rows that are read for them. */
  readonly rowsRead: number | null;
  readonly partitionsRead: number | null;
  readonly partitionsTotal: number | null;
  /** The planner's unit. */
  readonly cost: number | null;
  /** A server would read much and nothing bounds it: `run` needs `confirmedScan`. */
  readonly unboundedScan: boolean;
  /** One line for beside the run button. */
  readonly text: string;
}

export interface PlanNode {
  readonly title: string;
  /** Relation, index or subquery it works on. */
  readonly on: string | null;
  /** Conditions, keys, and figures that were measured, as label and text. */
  readonly details: readonly { readonly label: string; readonly text: string }[];
  readonly estimatedRows: number | null;
  readonly actualRows: number | null;
  readonly loops: number | null;
  /** Of this node and all below. */
  readonly cost: number | null;
  readonly actualMs: number | null;
  readonly children: readonly PlanNode[];
}
export interface SqlPlan {
  readonly dialect: Dialect;
  readonly analyzed: boolean;
  readonly roots: readonly PlanNode[];
  /** Partitions that are read, and how many there are of their parents. */
  readonly partitions: readonly { readonly parent: string; readonly read: readonly string[]; readonly total: number }[];
  readonly planningMs: number | null;
  readonly executionMs: number | null;
  /** As the engine gives it. */
  readonly text: string;
}

/** One finding of the data-quality report, with the statement that counted it. */
export interface QualityCheck {
  readonly name: string;
  readonly text: string;
  readonly rows: number;
  readonly of: number;
  readonly sql: string;
}
