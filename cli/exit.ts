import { EXIT_CODE, toErrorData } from '../protocol/errors.ts';
import { say } from './console.ts';

/** Reports a failure on stderr, as JSON or for people, and answers its exit code. */
export function reportFailure(thrown: unknown, options: { readonly json: boolean; readonly verbose: boolean }): number {
  const error = toErrorData(thrown);
  if (options.json) say(JSON.stringify(error));
  else {
    say(
      `tributary: ${error.message}${error.path === undefined || error.path === '' ? '' : ` (at ${error.path})`} [${error.code}]`,
    );
    say(error.hint);
    if (options.verbose && error.details !== undefined) say(error.details);
  }
  return EXIT_CODE[error.code];
}
