import type * as FsPromises from 'node:fs/promises';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { writeFileAtomic } from './atomic-write.ts';

/** The n-th call of the named FileHandle method or function fails with this code; null = none. */
const fault = vi.hoisted(() => ({ point: '', code: '' }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof FsPromises>();
  const failAt = (point: string): void => {
    if (fault.point === point) throw Object.assign(new Error(`${fault.code}: injected`), { code: fault.code });
  };
  return {
    ...real,
    open: async (path: string, flags: string, mode?: number) => {
      failAt(flags === 'wx' ? 'open' : 'open folder');
      const handle = await real.open(path, flags, mode);
      return new Proxy(handle, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            failAt(flags === 'wx' ? String(key) : `${String(key)} folder`);
            return (value as (...rest: unknown[]) => unknown).apply(target, args);
          };
        },
      });
    },
    rename: (from: string, to: string) => {
      failAt('rename');
      return real.rename(from, to);
    },
  };
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-atomic-'));
  fault.point = '';
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('writeFileAtomic', () => {
  test('writes a new file for its owner only, and leaves nothing else', async () => {
    const path = join(folder, 'new.json');
    await writeFileAtomic(path, 'grüße');
    expect(await readFile(path, 'utf8')).toBe('grüße');
    expect(await readdir(folder)).toEqual(['new.json']);
    // Windows has no such modes.
    expect((await stat(path)).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600);
  });

  test('keeps the mode of a file that is there, and a symbolic link', async () => {
    const real = join(folder, 'real.json');
    const link = join(folder, 'link.json');
    await writeFile(real, 'old');
    await chmod(real, 0o644);
    await symlink(real, link);
    await writeFileAtomic(link, new Uint8Array([104, 105]));
    expect(await readFile(real, 'utf8')).toBe('hi');
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect((await stat(real)).mode & 0o777).toBe(0o644);
  });

  const points = ['open', 'chmod', 'writeFile', 'sync', 'rename'];
  test.each(
    points.flatMap((point) => (['ENOSPC', 'EIO', 'EMFILE', 'EDQUOT'] as const).map((code) => [point, code] as const)),
  )('a failing %s (%s) leaves the old file whole and nothing beside it', async (point, code) => {
    const path = join(folder, 'kept.json');
    await writeFile(path, 'old');
    Object.assign(fault, { point, code });
    await expect(writeFileAtomic(path, 'new')).rejects.toMatchObject({
      name: 'EngineError',
      message: expect.stringContaining('kept.json'),
    });
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['kept.json']);
  });

  test('what cannot be made durable is never called saved', async () => {
    Object.assign(fault, { point: 'sync folder', code: 'EIO' });
    await expect(writeFileAtomic(join(folder, 'a.json'), 'new')).rejects.toMatchObject({ code: 'E_UNREADABLE' });
  });

  test.each([
    ['ENOSPC', 'E_DISK_FULL'],
    ['EACCES', 'E_UNREADABLE'],
    ['EROFS', 'E_UNREADABLE'],
    ['EMFILE', 'E_BUSY'],
  ])('%s is %s', async (code, expected) => {
    Object.assign(fault, { point: 'writeFile', code });
    await expect(writeFileAtomic(join(folder, 'a.json'), 'x')).rejects.toMatchObject({ code: expected });
  });

  test('a folder that is not there, or stands in the way, has a code', async () => {
    await mkdir(join(folder, 'folder'));
    await expect(writeFileAtomic(join(folder, 'no', 'a.json'), 'x')).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
    await expect(writeFileAtomic(join(folder, 'folder'), 'x')).rejects.toMatchObject({ code: 'E_NOT_A_FILE' });
    expect(await readdir(folder)).toEqual(['folder']);
  });

  test('50 writers at once: the file is always one of their texts', async () => {
    const path = join(folder, 'busy.json');
    const texts = Array.from({ length: 50 }, (_, i) => `${i}`.repeat(5000));
    await Promise.all(texts.map((text) => writeFileAtomic(path, text)));
    expect(texts).toContain(await readFile(path, 'utf8'));
    expect(await readdir(folder)).toEqual(['busy.json']);
  });
});
