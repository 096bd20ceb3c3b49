import { EngineError } from '../protocol/errors.ts';

const ENTER = new Set(['\r', '\n', '\u0004']);
const ERASE = new Set(['\u007F', '\b']);

/** Asks on the terminal without echo. Throws E_CANCELLED on Ctrl-C. The prompt goes to stderr: stdout is for answers. */
export async function askPassword(
  prompt: string,
  input: NodeJS.ReadStream = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<string> {
  output.write(prompt);
  input.setRawMode(true);
  input.resume();
  input.setEncoding('utf8');
  try {
    return await readLine(input);
  } finally {
    input.setRawMode(false);
    input.pause();
    output.write('\n');
  }
}

function readLine(input: NodeJS.ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = '';
    const finish = (settle: () => void): void => {
      input.off('data', read);
      settle();
    };
    const read = (text: string): void => {
      for (const key of text) {
        if (key === '\u0003') return finish(() => reject(cancelled()));
        if (ENTER.has(key)) return finish(() => resolve(typed));
        typed = ERASE.has(key) ? typed.replace(/.$/su, '') : typed + key;
      }
    };
    input.on('data', read);
  });
}

const cancelled = (): EngineError =>
  new EngineError('E_CANCELLED', 'Cancelled.', { hint: 'Start it again when you have the password.' });
