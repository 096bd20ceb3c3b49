import { z } from 'zod';
import { EngineError, ERROR_CODES, type ErrorCode, type ErrorData } from './errors.ts';

/** Apart from errors.ts, which does without zod: that takes longer to load than a small answer. */
export const ErrorDataSchema: z.ZodType<ErrorData> = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  hint: z.string(),
  path: z.string().optional(),
  details: z.string().optional(),
});

/** A zod failure as E_BAD_QUERY (or the given code) that names the first offending path in the JSON. */
export function fromZodError(error: z.ZodError, code: ErrorCode, what: string): EngineError {
  const issue = getInnermost(error.issues);
  const path = issue?.path.map(String).join('.') ?? '';
  return new EngineError(code, `${what}: ${path === '' ? '' : `${path}: `}${issue?.message ?? 'is not valid'}`, {
    hint: 'Correct the named place; `tributary schema` prints the JSON Schema.',
    path,
    details: z.prettifyError(error),
    cause: error,
  });
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Of a value that fits none of several shapes: what is wrong with it as the shape it comes nearest to. */
function getInnermost(issues: readonly z.core.$ZodIssue[]): Issue | undefined {
  const [issue] = issues;
  if (issue?.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const nearest = issue.errors.reduce((best, branch) => (branch.length < best.length ? branch : best));
  const inner = getInnermost(nearest);
  return inner === undefined ? issue : { path: [...issue.path, ...inner.path], message: inner.message };
}
