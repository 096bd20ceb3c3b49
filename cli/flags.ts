import { InvalidArgumentError, type Command } from 'commander';
import { parseByteSize } from '../worker/files/byte-size.ts';

/** `--data-dir`, `--threads` and `--deadline-ms` of commands that run the engine. */
export function addEngineFlags(command: Command): Command {
  return command
    .option(
      '--data-dir <folder>',
      'where the sample and private copies live (default: the folder of the app, or TRIBUTARY_DATA_DIR)',
    )
    .option('--threads <n>', 'worker threads (default: one a core)', wholeNumber(1, 256))
    .option(
      '--memory-limit <size>',
      'most memory to take, like 1GB: larger sources are worked through in pieces (default: no limit, or TRIBUTARY_MEMORY_LIMIT)',
      memorySize,
    )
    .option('--deadline-ms <ms>', 'give up after this long', wholeNumber(1, 2 ** 31 - 1));
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`A whole number from ${least} to ${most} is needed.`);
  };
}

/** `1GB`, `512MiB`, `800000000`; the engine says which are too small. */
export function memorySize(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes !== null) return bytes;
  throw new InvalidArgumentError('A size like 1GB or 512MB is needed.');
}
