import type { Page } from '@playwright/test';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { AnalysisDocument, AnalysisResult } from '../../protocol/index.ts';

const run = promisify(execFile);
export const root = path.join(import.meta.dirname, '../..');

/** A file that the window gave away. */
export interface Exported {
  readonly name: string;
  readonly bytes: Buffer;
}

/** What differs between the browser and Electron; the journey itself is the same. */
export interface Harness {
  readonly page: Page;
  /** Data folder of the program under test; the sample lies in it. */
  readonly dataDir: string;
  /** Does `action` and answers the file it saved. */
  exported(action: () => Promise<void>): Promise<Exported>;
  /** Saves the workspace as a new file at `file`, through the dialog of the platform. */
  saveWorkspaceAs(file: string): Promise<void>;
  openWorkspace(file: string): Promise<void>;
  /** Ends the engine's process (or, in browser mode, its line) the hard way. */
  breakEngine(): Promise<void>;
}

/** What the command line answers to the same question on the same file. */
export async function askCommandLine(source: string, analysis: AnalysisDocument): Promise<AnalysisResult> {
  const child = run(process.execPath, [path.join(root, 'out/main/tributary.js'), 'run', source, '-', '--json'], {
    maxBuffer: 64_000_000,
  });
  child.child.stdin?.end(JSON.stringify(analysis));
  return JSON.parse((await child).stdout) as AnalysisResult;
}

/** Data rows of an RFC 4180 text (quoted line breaks are not in our sample's tables). */
export function readCsv(text: string): readonly (readonly string[])[] {
  return text
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => line.split(','));
}
