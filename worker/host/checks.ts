import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import type {
  ActorsRequestSchema,
  Analysis,
  ConnectionRequestSchema,
  CsvRequestSchema,
  DifferenceRequestSchema,
  DraftRequestSchema,
  LatestRequestSchema,
  OpenRequestSchema,
  RunRequestSchema,
  SqlRequestSchema,
  TimelineRequestSchema,
  ValuesRequestSchema,
  WatchRequestSchema,
} from '../../protocol/index.ts';
import { RecentMap } from './recent-map.ts';

/** What each kind of request is after its check. */
export interface RequestByKind {
  open: z.output<typeof OpenRequestSchema>;
  connection: z.output<typeof ConnectionRequestSchema>;
  draft: z.output<typeof DraftRequestSchema>;
  run: z.output<typeof RunRequestSchema>;
  actors: z.output<typeof ActorsRequestSchema>;
  difference: z.output<typeof DifferenceRequestSchema>;
  timeline: z.output<typeof TimelineRequestSchema>;
  sql: z.output<typeof SqlRequestSchema>;
  latest: z.output<typeof LatestRequestSchema>;
  watch: z.output<typeof WatchRequestSchema>;
  values: z.output<typeof ValuesRequestSchema>;
  csv: z.output<typeof CsvRequestSchema>;
}
export type RequestKind = keyof RequestByKind;

/** zod and the schemas take longer to load than many an answer to compute. */
const loadProtocol = () => import('../../protocol/index.ts');

/**
 * Checks what comes from outside against the protocol's schemas, and remembers what passed: the same document need not be
 * checked again. The first ones are remembered in `dataDir` too, for the same build of the program, which then answers
 * without loading the schemas.
 */
export class Checks {
  readonly #file: string;
  readonly #onNewSource: () => void;
  #remembered: RecentMap<string, unknown> | null = null;
  #written = 0;

  /** `onNewSource`: a source that this build never opened so is about to be; the check that follows takes a while. */
  constructor(dataDir: string, onNewSource: () => void = () => undefined) {
    this.#file = path.join(dataDir, 'checked-requests.json');
    this.#onNewSource = onNewSource;
  }

  /** Throws E_USAGE. */
  async request<K extends RequestKind>(kind: K, input: unknown): Promise<RequestByKind[K]> {
    const call = hasSecret(input) ? null : getCall(input);
    const rest = call === null ? {} : getRest(input);
    const known = call === null ? undefined : this.#recall(kind, [call.sourceId !== undefined, rest]);
    if (known !== undefined) return { ...(known as object), ...call } as RequestByKind[K];
    if (kind === 'open' && BUILD !== null) this.#onNewSource();
    const checked = await checkRequest(kind, input);
    if (call !== null) this.#remember(kind, [call.sourceId !== undefined, rest], getRest(checked));
    return checked;
  }

  /** Throws E_BAD_QUERY. */
  async analysis(input: unknown): Promise<Analysis> {
    const known = this.#recall('analysis', input);
    if (known !== undefined) return known as Analysis;
    const { parseAnalysis } = await loadProtocol();
    const checked = parseAnalysis(input);
    this.#remember('analysis', input, checked);
    return checked;
  }

  #recall(kind: string, input: unknown): unknown {
    this.#remembered ??= load(this.#file);
    return this.#remembered.get(keyOf(kind, input));
  }

  #remember(kind: string, input: unknown, checked: unknown): void {
    const key = keyOf(kind, input);
    if (key.length > MOST_CHARACTERS) return;
    const remembered = (this.#remembered ??= load(this.#file));
    remembered.set(key, checked);
    if (BUILD !== null && ++this.#written <= MOST_WRITTEN) save(this.#file, remembered);
  }
}

const MOST_REMEMBERED = 100;
/** Only what is asked first is worth a file: later the schemas are there. */
const MOST_WRITTEN = 8;
const MOST_CHARACTERS = 20_000;
const BUILD = getBuild(import.meta.url);

/** Another build may check otherwise. null = unbuilt sources, which change all the time: nothing is written. */
function getBuild(url: string): string | null {
  if (!url.startsWith('file:') || url.endsWith('.ts')) return null;
  const file = fileURLToPath(url);
  const { size, mtimeMs } = statSync(file);
  return `${file} ${size} ${mtimeMs}`;
}

const keyOf = (kind: string, input: unknown): string => `${kind} ${JSON.stringify(input)}`;

/** The part of a request that differs from call to call. */
export interface RequestCall {
  readonly requestId: string;
  readonly deadlineMs: number | null;
  readonly sourceId?: string;
}

/** null = it is not in order, and the check of the whole will say so. */
export function getCall(input: unknown): RequestCall | null {
  if (typeof input !== 'object' || input === null) return null;
  const { requestId, deadlineMs = null, sourceId } = input as Record<string, unknown>;
  if (typeof requestId !== 'string' || requestId.length < 1 || requestId.length > 100) return null;
  if (deadlineMs !== null && !(typeof deadlineMs === 'number' && deadlineMs > 0)) return null;
  if (sourceId === undefined) return { requestId, deadlineMs };
  return typeof sourceId === 'string' ? { requestId, deadlineMs, sourceId } : null;
}

/** What is remembered is written to a file: a password never is. */
const hasSecret = (input: unknown): boolean =>
  typeof input === 'object' && input !== null && ('password' in input || 'text' in input);

function getRest(input: unknown): object {
  const { requestId: _id, deadlineMs: _deadline, sourceId: _source, ...rest } = input as Record<string, unknown>;
  return rest;
}

async function checkRequest<K extends RequestKind>(kind: K, input: unknown): Promise<RequestByKind[K]> {
  const protocol = await loadProtocol();
  const schemas: { readonly [T in RequestKind]: z.ZodType<RequestByKind[T]> } = {
    open: protocol.OpenRequestSchema,
    connection: protocol.ConnectionRequestSchema,
    draft: protocol.DraftRequestSchema,
    run: protocol.RunRequestSchema,
    actors: protocol.ActorsRequestSchema,
    difference: protocol.DifferenceRequestSchema,
    timeline: protocol.TimelineRequestSchema,
    sql: protocol.SqlRequestSchema,
    latest: protocol.LatestRequestSchema,
    watch: protocol.WatchRequestSchema,
    values: protocol.ValuesRequestSchema,
    csv: protocol.CsvRequestSchema,
  };
  const parsed = schemas[kind].safeParse(input);
  if (parsed.success) return parsed.data;
  throw protocol.fromZodError(parsed.error, 'E_USAGE', 'This request cannot be read');
}

interface Remembered {
  readonly build: string;
  readonly entries: readonly (readonly [string, unknown])[];
}

/** Written by this build, else nothing. */
function load(file: string): RecentMap<string, unknown> {
  const remembered = new RecentMap<string, unknown>(MOST_REMEMBERED);
  if (BUILD === null) return remembered;
  try {
    const { build, entries } = JSON.parse(readFileSync(file, 'utf8')) as Remembered;
    if (build === BUILD) for (const [key, checked] of entries) remembered.set(key, checked);
  } catch {
    // There is none yet, or it is of no use.
  }
  return remembered;
}

/** A folder that cannot be written to costs a check each time. */
function save(file: string, remembered: RecentMap<string, unknown>): void {
  const content: Remembered = { build: BUILD ?? '', entries: remembered.entries };
  const temporary = `${file}.${process.pid}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(temporary, JSON.stringify(content), { mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    // See above.
  }
}
