import { fstatSync, writeSync } from 'node:fs';
import type { OnProgress, Progress } from '../protocol/index.ts';

const surviving = new WeakSet<NodeJS.WriteStream>();

/** A reader that closes the pipe early (`| head`) is no failure: what was asked for has been read. */
export function survivePipes(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  if (surviving.has(stream)) return stream;
  surviving.add(stream);
  return stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    throw error;
  });
}

/** Writes to stdout and waits until it is taken: answers may be larger than a pipe. */
export async function writeOut(text: string): Promise<void> {
  const line = Buffer.from(text === '' || text.endsWith('\n') ? text : `${text}\n`);
  const rest = line.subarray(writeNow(line));
  if (rest.length > 0) await new Promise<void>((resolve) => survivePipes(process.stdout).write(rest, () => resolve()));
}

/** How many bytes a file or a pipe took at once: the streams of Node take longer to load than most answers to write. */
function writeNow(bytes: Uint8Array): number {
  let done = 0;
  try {
    const out = fstatSync(STDOUT);
    if (!out.isFile() && !out.isFIFO() && !out.isSocket()) return 0;
    while (done < bytes.length) done += writeSync(STDOUT, bytes, done);
  } catch {
    // Full or closed: the stream waits, or says so.
  }
  return done;
}

const STDOUT = 1;

/** Stable JSON: keys in the order of the protocol's types, two spaces. */
export const writeJson = (value: unknown): Promise<void> => writeOut(JSON.stringify(value, null, 2));

/** Messages for people. */
export function say(line: string): void {
  clearProgress();
  survivePipes(process.stderr).write(`${line}\n`);
}

let shown = false;

function clearProgress(): void {
  if (shown) survivePipes(process.stderr).write('\r\u001b[K');
  shown = false;
}

/** One line that overwrites itself; nothing at all when stderr is no terminal. */
export const showProgress: OnProgress = (progress) => {
  if (!process.stderr.isTTY) return;
  survivePipes(process.stderr).write(`\r\u001b[K${describeProgress(progress)}`);
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
