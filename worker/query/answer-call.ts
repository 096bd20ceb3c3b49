import type { z } from 'zod';
import { EngineError, toErrorData, type Reply } from '../../protocol/errors.ts';

/** Makes a call total: the request is checked, and what is thrown becomes an answer. */
export async function answerCall<S extends z.ZodType, T>(
  schema: S,
  input: unknown,
  work: (request: z.output<S>) => Promise<T>,
): Promise<Reply<T>> {
  try {
    const parsed = schema.safeParse(input);
    if (!parsed.success) throw badRequest(parsed.error);
    return { ok: true, value: await work(parsed.data) };
  } catch (thrown) {
    return { ok: false, error: toErrorData(thrown) };
  }
}

function badRequest(error: z.ZodError): EngineError {
  const [issue] = error.issues;
  return new EngineError('E_USAGE', `This request cannot be read: ${issue?.message ?? 'unknown'}.`, {
    hint: 'Correct the request.',
    path: issue?.path.join('.') ?? '',
  });
}
