import { z } from 'zod';
import { SavedConnectionSchema, type ConnectionList } from './connections.ts';
import type { ErrorData, Reply } from './errors.ts';
import { LEAST_MEMORY_LIMIT } from './limits.ts';
import { SourceRefSchema } from './source.ts';

/**
 * What the window asks of the program around it (Electron main, or the browser-mode server): files, dialogs,
 * settings. One table of methods with a schema each; the preload and the server pass calls through, main and server
 * check and answer them. Nothing here touches a database.
 */
export const SettingsSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  zoom: z.number().min(0.5).max(2).default(1),
  /** Sizes of resizable panels by a stable key, in px or percent as the panel defines. */
  panels: z.record(z.string(), z.number()).default({}),
  threads: z.int().min(1).max(64).nullable().default(null),
  /** Bytes the engine is kept below, larger sources worked through in pieces; null = no limit. */
  memoryLimit: z.int().min(LEAST_MEMORY_LIMIT).nullable().default(null),
});
export type Settings = z.output<typeof SettingsSchema>;

export const RecentSchema = z.strictObject({
  kind: z.enum(['source', 'workspace']),
  path: z.string(),
  /** ms since the epoch. */
  openedAt: z.number(),
  ref: SourceRefSchema.nullish(),
});
export type Recent = z.output<typeof RecentSchema>;

/** What was unsaved when Tributary last ended, or null. */
export const RecoverySchema = z.strictObject({
  savedAt: z.number(),
  workspacePath: z.string().nullable(),
  content: z.string(),
});
export type Recovery = z.output<typeof RecoverySchema>;

export interface BootInfo {
  readonly version: string;
  readonly mode: 'desktop' | 'browser';
  readonly platform: string;
  readonly settings: Settings;
  readonly recents: readonly Recent[];
  readonly recovery: Recovery | null;
  /** Why the engine or the program ended last time, if it did not end well. */
  readonly lastFailure: ErrorData | null;
  /** Files handed over by the system or the command line. */
  readonly openFiles: readonly string[];
}

export const SHELL_METHODS = {
  boot: z.null(),
  saveSettings: SettingsSchema,
  addRecent: RecentSchema,
  clearRecents: z.null(),
  /** Desktop: native dialog; browser mode answers E_UNSUPPORTED and the window shows its own chooser on `listFolder`. null = dismissed. */
  pickFile: z.strictObject({ purpose: z.enum(['source', 'workspace', 'certificate']) }),
  /** Where a file that another process writes shall go (an export of a query). Desktop: dialog; browser mode as `pickFile`. null = dismissed. */
  pickSavePath: z.strictObject({ suggestedName: z.string() }),
  listFolder: z.strictObject({ path: z.string().nullable() }),
  readWorkspace: z.strictObject({ path: z.string() }),
  /** `path` null asks where (desktop: dialog; browser mode: E_USAGE, the window asks). Answers the path written, null = dismissed. */
  writeWorkspace: z.strictObject({
    path: z.string().nullable(),
    suggestedName: z.string(),
    content: z.string().max(50_000_000),
  }),
  writeRecovery: RecoverySchema,
  clearRecovery: z.null(),
  /** Desktop: dialog, then an atomic write; browser mode is not asked (the window downloads). `base64` for binary. Answers the path, null = dismissed. */
  exportFile: z.strictObject({ suggestedName: z.string(), text: z.string().optional(), base64: z.string().optional() }),
  setTitle: z.strictObject({ title: z.string().max(300), dirty: z.boolean() }),
  restartEngine: z.null(),
  listConnections: z.null(),
  /** `replaces`: its name before, when it was renamed. */
  saveConnection: z.strictObject({ connection: SavedConnectionSchema, replaces: z.string().nullish() }),
  removeConnection: z.strictObject({ name: z.string() }),
  /** Of the server at this address (`formatTarget`), from this run or the keychain; null = ask. */
  getPassword: z.strictObject({ address: z.string() }),
  /** For this run, with `remember` in the keychain too (else E_UNSUPPORTED); null forgets it. */
  keepPassword: z.strictObject({
    address: z.string(),
    password: z.string().max(10_000).nullable(),
    remember: z.boolean(),
  }),
  showInFolder: z.strictObject({ path: z.string() }),
} as const;
export type ShellMethod = keyof typeof SHELL_METHODS;
export interface FolderEntry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'folder' | 'file';
  readonly sizeBytes: number;
  readonly modifiedAt: number;
}
export interface ShellAnswers {
  boot: BootInfo;
  saveSettings: null;
  addRecent: readonly Recent[];
  clearRecents: null;
  pickFile: string | null;
  pickSavePath: string | null;
  listFolder: { readonly path: string; readonly parent: string | null; readonly entries: readonly FolderEntry[] };
  readWorkspace: { readonly path: string; readonly content: string };
  writeWorkspace: string | null;
  writeRecovery: null;
  clearRecovery: null;
  exportFile: string | null;
  setTitle: null;
  restartEngine: null;
  listConnections: ConnectionList;
  saveConnection: ConnectionList;
  removeConnection: ConnectionList;
  getPassword: string | null;
  keepPassword: null;
  showInFolder: null;
}
export type ShellCall = <M extends ShellMethod>(
  method: M,
  argument: z.input<(typeof SHELL_METHODS)[M]>,
) => Promise<Reply<ShellAnswers[M]>>;

/** Pushed to the window. `menu` carries a command id of the renderer's command table. */
export type ShellEvent =
  | { readonly type: 'menu'; readonly command: string }
  | { readonly type: 'open-file'; readonly path: string }
  | { readonly type: 'engine-lost'; readonly error: ErrorData }
  | { readonly type: 'engine-ready' }
  /** The window wants to close with unsaved work: main has asked and the user chose to save first. */
  | { readonly type: 'save-then-close' };

/** Exposed by the preload in Electron (`window.tributary`); absent in browser mode. */
export interface DesktopBridge {
  readonly call: ShellCall;
  onEvent(listener: (event: ShellEvent) => void): void;
  /** Absolute path of a dropped file (webUtils.getPathForFile). */
  pathOf(file: unknown): string;
}
