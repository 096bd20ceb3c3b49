import { EngineError } from '../../protocol/errors.ts';
import type { ErrorCode } from '../../protocol/index.ts';

const CODES: Readonly<Record<string, readonly [ErrorCode, string, string]>> = {
  ENOENT: ['E_NOT_FOUND', 'it does not exist', 'Check the name and that the drive is connected.'],
  ENOTDIR: ['E_NOT_FOUND', 'a part of its path is not a folder', 'Check the path.'],
  EISDIR: ['E_NOT_A_FILE', 'it is a folder', 'Choose a file.'],
  EACCES: ['E_UNREADABLE', 'access is denied', 'Check the permissions of the file and its folder.'],
  EPERM: ['E_UNREADABLE', 'access is denied', 'Check the permissions of the file and its folder.'],
  EROFS: ['E_UNREADABLE', 'the drive is read-only', 'Choose another folder.'],
  ENOSPC: ['E_DISK_FULL', 'the disk is full', 'Free some space and try again. The old file was not changed.'],
  EDQUOT: ['E_DISK_FULL', 'your disk quota is used up', 'Free some space and try again. The old file was not changed.'],
  EFBIG: ['E_LIMIT', 'it is too large for this drive', 'Choose another drive.'],
  EMFILE: ['E_BUSY', 'too many files are open', 'Try again in a moment.'],
  ENFILE: ['E_BUSY', 'too many files are open', 'Try again in a moment.'],
  EBUSY: ['E_BUSY', 'another program is using it', 'Close the other program and try again.'],
  ENAMETOOLONG: ['E_USAGE', 'its name is too long', 'Choose a shorter name.'],
  ELOOP: ['E_NOT_FOUND', 'its links lead in a circle', 'Check the path.'],
};

/** A failure of the file system as an EngineError that names the file, the cause and the way out. */
export function fileError(thrown: unknown, action: 'read' | 'written' | 'listed', path: string): EngineError {
  if (thrown instanceof EngineError) return thrown;
  const errno = (thrown as NodeJS.ErrnoException | undefined)?.code ?? '';
  const [code, cause, hint] = CODES[errno] ?? [
    'E_UNREADABLE',
    `the system answered ${errno === '' ? String(thrown) : errno}`,
    'Try again; if it fails again, check the drive.',
  ];
  return new EngineError(code, `${path} could not be ${action}: ${cause}.`, {
    hint,
    details: String(thrown),
    cause: thrown,
  });
}
