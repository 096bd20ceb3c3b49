import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileError } from './file-error.ts';

/**
 * Replaces a file so that a reader, a crash or a full disk meets the old content or the new, never a mixture
 * (security.md 4): a temporary file in the same folder, fsync, rename, fsync of the folder. New files are readable
 * by the owner only, existing ones keep their mode; a symbolic link stays one. Throws EngineError.
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  await replaceFile(path, async (temporary, mode) => writeSynced(temporary, data, mode));
}

/**
 * The same for a file that another hand writes: `write` makes the temporary one (new, `mode` where the target has one) and
 * has it on disk when it resolves. Answers what `write` answers.
 */
export async function replaceFile<T>(
  path: string,
  write: (temporary: string, mode: number | undefined) => Promise<T>,
): Promise<T> {
  try {
    const target = await realpath(path).catch(() => path);
    const folder = dirname(target);
    const temporary = join(folder, `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
    let written: T;
    try {
      written = await write(temporary, await modeOf(target));
      await rename(temporary, target);
    } catch (thrown) {
      await rm(temporary, { force: true });
      throw thrown;
    }
    await syncFolder(folder);
    return written;
  } catch (thrown) {
    throw fileError(thrown, 'written', path);
  }
}

async function modeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true ? found.mode & 0o777 : undefined;
}

async function writeSynced(path: string, data: string | Uint8Array, mode: number | undefined): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    if (mode !== undefined) await file.chmod(mode);
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename itself durable. Windows has no handle for folders and keeps the order by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
