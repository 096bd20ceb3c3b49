import type { QueryParams } from '../../protocol/query.ts';

/** Names that the workspace gives a value: its range and as of. */
export const BOUND = ['from', 'to', 'asOf'] as const;
export const isBound = (name: string): boolean => (BOUND as readonly string[]).includes(name);

/** A typed value: `null`, `true`, a number, else text; quotes make text of anything. */
export function parseValue(typed: string): null | boolean | number | string {
  const text = typed.trim();
  if (/^(["']).*\1$/s.test(text)) return text.slice(1, -1);
  if (/^null$/i.test(text)) return null;
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/.test(text) ? Number(text) : typed;
}

/** Values for the names a statement uses; `missing` are those without one. */
export function bindParameters(
  names: readonly string[],
  typed: Readonly<Record<string, string>>,
  bound: (name: string) => string | number,
): { readonly params: QueryParams; readonly missing: readonly string[] } {
  const params: Record<string, null | boolean | number | string> = {};
  const missing: string[] = [];
  for (const name of names) {
    const value = typed[name];
    if (value !== undefined && value !== '') params[name] = parseValue(value);
    else if (isBound(name)) params[name] = bound(name);
    else missing.push(name);
  }
  return { params, missing };
}
