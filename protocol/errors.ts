/**
 * The closed list of failures a user can meet. A code never changes its meaning; new ones are added at the end of
 * their group. The comment behind each group is the CLI's exit code (see `EXIT_CODE`).
 */
export const ERROR_CODES = [
  // query: 2
  'E_USAGE',
  'E_BAD_QUERY',
  'E_BAD_MAPPING',
  'E_NO_SUCH_COLUMN',
  'E_NO_SUCH_TABLE',
  'E_BAD_TIME_ZONE',
  'E_BAD_WORKSPACE',
  'E_UNSUPPORTED',
  // source: 3
  'E_NOT_FOUND',
  'E_NOT_A_FILE',
  'E_NOT_A_DB',
  'E_CORRUPT',
  'E_UNREADABLE',
  'E_BUSY',
  'E_SOURCE_CHANGED',
  'E_NO_EVENTS',
  'E_BAD_ROWS',
  'E_CONNECT',
  'E_AUTH',
  'E_TLS',
  'E_SERVER_LOST',
  'E_SERVER_BUSY',
  // refused: 4
  'E_REFUSED',
  'E_EXISTS',
  'E_NEEDS_CONFIRMATION',
  // limits: 5
  'E_CANCELLED',
  'E_DEADLINE',
  'E_LIMIT',
  'E_DISK_FULL',
  // ours: 1
  'E_ENGINE_LOST',
  'E_INTERNAL',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** An error as it crosses a process border: JSON-safe, safe to show to the user. */
export interface ErrorData {
  readonly code: ErrorCode;
  /** What happened, one sentence, no stack and no secret. */
  readonly message: string;
  /** What the user can do about it. */
  readonly hint: string;
  /** For E_BAD_QUERY, E_BAD_MAPPING, E_BAD_WORKSPACE: where in the JSON, e.g. `steps.1.event`. */
  readonly path?: string | undefined;
  /** Extra lines for "copy details" (file names, driver message). */
  readonly details?: string | undefined;
}

/** An expected failure. Programmer mistakes are plain `Error`s and become E_INTERNAL at the border. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly path: string | undefined;
  readonly details: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint: string; path?: string | undefined; details?: string | undefined; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.path = options.path;
    this.details = options.details;
  }

  toData(): ErrorData {
    return {
      code: this.code,
      message: this.message,
      hint: this.hint,
      ...(this.path === undefined ? {} : { path: this.path }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }

  static fromData(data: ErrorData): EngineError {
    return new EngineError(data.code, data.message, data);
  }
}

/** Any thrown value as `ErrorData`: EngineErrors as they are, everything else as E_INTERNAL. */
export function toErrorData(thrown: unknown): ErrorData {
  if (thrown instanceof EngineError) return thrown.toData();
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: 'E_INTERNAL',
    message: `Something in Tributary failed: ${message}`,
    hint: 'Try again. If it happens again, copy the details and report it.',
    ...(thrown instanceof Error && thrown.stack !== undefined ? { details: thrown.stack } : {}),
  };
}

/** A server that does not let us in now: nothing is known of what it holds, and the next attempt may succeed. */
export const isUnreachable = (code: ErrorCode): boolean =>
  code === 'E_SERVER_LOST' || code === 'E_SERVER_BUSY' || code === 'E_CONNECT';

/** 0 is success. */
export const EXIT_CODE: Readonly<Record<ErrorCode, 1 | 2 | 3 | 4 | 5>> = {
  E_USAGE: 2,
  E_BAD_QUERY: 2,
  E_BAD_MAPPING: 2,
  E_NO_SUCH_COLUMN: 2,
  E_NO_SUCH_TABLE: 2,
  E_BAD_TIME_ZONE: 2,
  E_BAD_WORKSPACE: 2,
  E_UNSUPPORTED: 2,
  E_NOT_FOUND: 3,
  E_NOT_A_FILE: 3,
  E_NOT_A_DB: 3,
  E_CORRUPT: 3,
  E_UNREADABLE: 3,
  E_BUSY: 3,
  E_SOURCE_CHANGED: 3,
  E_NO_EVENTS: 3,
  E_BAD_ROWS: 3,
  E_CONNECT: 3,
  E_AUTH: 3,
  E_TLS: 3,
  E_SERVER_LOST: 3,
  E_SERVER_BUSY: 3,
  E_REFUSED: 4,
  E_EXISTS: 4,
  E_NEEDS_CONFIRMATION: 4,
  E_CANCELLED: 5,
  E_DEADLINE: 5,
  E_LIMIT: 5,
  E_DISK_FULL: 5,
  E_ENGINE_LOST: 1,
  E_INTERNAL: 1,
};

/** What every protocol call resolves to: errors travel as data, because carriers only keep an Error's message. */
export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorData };
