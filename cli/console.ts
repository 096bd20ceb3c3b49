import type { OnProgress, Progress } from '../protocol/index.ts';

/** A reader that closes the pipe early (`| head`) is no failure: what was asked for has been read. */
export function survivePipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
      throw error;
    });
}

/** Writes to stdout and waits until it is taken: answers may be larger than a pipe. */
export async function writeOut(text: string): Promise<void> {
  const line = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  await new Promise<void>((resolve) => process.stdout.write(line, () => resolve()));
}

/** Stable JSON: keys in the order of the protocol's types, two spaces. */
export const writeJson = (value: unknown): Promise<void> => writeOut(JSON.stringify(value, null, 2));

/** Messages for people. */
export function say(line: string): void {
  clearProgress();
  process.stderr.write(`${line}\n`);
}

let shown = false;

function clearProgress(): void {
  if (shown) process.stderr.write('\r\u001b[K');
  shown = false;
}

/** One line that overwrites itself; nothing at all when stderr is no terminal. */
export const showProgress: OnProgress = (progress) => {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r\u001b[K${describeProgress(progress)}`);
  shown = true;
};
export const endProgress = clearProgress;

/** The formats of a language take some ms to load: not before there is something to format. */
const format = (n: number): string => n.toLocaleString('en-US');

export function describeProgress({ phase, done, total, unit, perSecond, etaMs }: Progress): string {
  const share = total === null || total === 0 ? '' : ` of ${format(total)}`;
  const rate = perSecond > 0 ? `, ${format(Math.round(perSecond))} a second` : '';
  const eta = etaMs === null || etaMs < 1_000 ? '' : `, ${Math.ceil(etaMs / 1_000)} s left`;
  return `${phase} ${format(done)}${share} ${unit}${rate}${eta}`;
}
