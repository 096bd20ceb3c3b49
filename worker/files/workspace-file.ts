import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { EngineError, formatWorkspace, parseWorkspace, type SourceRef, type Workspace } from '../../protocol/index.ts';
import { writeFileAtomic } from './atomic-write.ts';
import { fileError } from './file-error.ts';

/**
 * Workspace files. The window always sees absolute source paths; in the file a source beside or below the workspace
 * is written relative to it, with forward slashes, so that a folder can be moved or shared through git.
 */
export const WORKSPACE_SUFFIX = '.tributary.json';
const MAX_BYTES = 50_000_000;

/** Checked and upgraded text with an absolute source path. Throws EngineError. */
export async function readWorkspaceFile(path: string): Promise<string> {
  assertAbsolute(path);
  const workspace = parseWorkspace(parseJson(await readText(path)));
  return formatWorkspace(withSourcePath(workspace, (source) => resolve(dirname(path), source)));
}

/** `content` is workspace JSON; anything else is refused. Answers the path written, which always has the suffix. */
export async function writeWorkspaceFile(path: string, content: string): Promise<string> {
  assertAbsolute(path);
  const target = path.endsWith('.json') ? path : `${path}${WORKSPACE_SUFFIX}`;
  const workspace = parseWorkspace(parseJson(content));
  await writeFileAtomic(
    target,
    formatWorkspace(withSourcePath(workspace, (source) => relativeIfBelow(dirname(target), source))),
  );
  return target;
}

async function readText(path: string): Promise<string> {
  try {
    const found = await stat(path);
    // A pipe or a device would hang the read.
    if (!found.isFile())
      throw new EngineError('E_NOT_A_FILE', `${path} is not a file.`, {
        hint: 'Choose a file that ends in .tributary.json.',
      });
    if (found.size > MAX_BYTES)
      throw new EngineError('E_LIMIT', `${path} is too large for a workspace.`, {
        hint: 'Choose a file that ends in .tributary.json.',
      });
    return await readFile(path, 'utf8');
  } catch (thrown) {
    throw fileError(thrown, 'read', path);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EngineError('E_BAD_WORKSPACE', 'This workspace is not valid JSON.', {
      hint: 'Open it in a text editor, or take an older copy.',
      details: String(cause),
      cause,
    });
  }
}

function withSourcePath(workspace: Workspace, change: (path: string) => string): Workspace {
  const changed = (ref: SourceRef | null): SourceRef | null =>
    ref?.kind !== 'sqlite' || ref.path.startsWith('sample:') ? ref : { ...ref, path: change(ref.path) };
  return { ...workspace, source: changed(workspace.source), second: changed(workspace.second) };
}

function relativeIfBelow(folder: string, source: string): string {
  if (!isAbsolute(source)) return source;
  const path = relative(folder, source);
  return path === '' || path.startsWith('..') || isAbsolute(path) ? source : path.split(sep).join('/');
}

function assertAbsolute(path: string): void {
  if (!isAbsolute(path) || path.includes('\0'))
    throw new EngineError('E_USAGE', 'A full path is needed.', { hint: 'Start at the root of the drive.' });
}
