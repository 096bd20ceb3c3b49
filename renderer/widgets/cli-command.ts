import { AnalysisSchema, formatTargetUrl, type AnalysisDocument, type SourceRef } from '../../protocol/index.ts';

/** The command line that gives this answer: the analysis goes in on stdin, so it can be pasted as it is. */
export function getCliCommand(ref: SourceRef, analysis: AnalysisDocument): string {
  const mapping =
    ref.mapping === undefined || ref.mapping === null ? '' : ` --mapping ${quote(JSON.stringify(ref.mapping))}`;
  return `tributary run ${getCliSource(ref)}${mapping} - --json <<'JSON'\n${JSON.stringify(pruneDefaults(analysis), null, 2)}\nJSON`;
}

/** How a command line names a source: the name a connection is saved under, else an address with its schema and protection. */
export const getCliSource = (ref: SourceRef): string =>
  quote(ref.kind === 'sqlite' ? ref.path : (ref.name ?? formatTargetUrl(ref.target)));

/** POSIX single quotes: nothing inside is special but the quote itself. */
export function quote(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** As a person would write it: keys that say no more than their default are left out. */
export function pruneDefaults(analysis: AnalysisDocument): Record<string, unknown> {
  const full = canonical(AnalysisSchema.parse(analysis));
  let pruned: Record<string, unknown> = { ...analysis };
  for (const key of Object.keys(analysis)) {
    if (key === 'version' || key === 'type') continue;
    const { [key]: _left, ...rest } = pruned;
    const parsed = AnalysisSchema.safeParse(rest);
    if (parsed.success && canonical(parsed.data) === full) pruned = rest;
  }
  return pruned;
}

/** The document as text, with null and empty optional keys left out: to the engine they say the same as absent ones. */
function canonical(document: object): string {
  const says = (key: string, value: unknown): boolean =>
    !OPTIONAL_KEYS.has(key) || (value !== null && !(Array.isArray(value) && value.length === 0));
  const entries = Object.entries(document).filter(([key, value]) => says(key, value));
  return JSON.stringify(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
/** Keys where null says the same as leaving them out (`edgeLimit: null` does not: it means all). */
const OPTIONAL_KEYS: ReadonlySet<string> = new Set(['dateRange', 'where', 'breakdown', 'include', 'startAt', 'endAt']);
