import type { Session, WebContents, WebPreferences } from 'electron';
import { APP_SCHEME, originOf } from './origin.ts';

/** The Electron checklist (docs/security.md) for windows and sessions. Numbers are those of Electron's own list. */
export function windowPreferences(preload: string, isPackaged: boolean): WebPreferences {
  return {
    preload,
    nodeIntegration: false, // 2
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    contextIsolation: true, // 3
    sandbox: true, // 4
    webSecurity: true, // 6
    allowRunningInsecureContent: false, // 8
    experimentalFeatures: false, // 9
    webviewTag: false, // 11, 12
    navigateOnDragDrop: false,
    // The dictionary would be downloaded from the network.
    spellcheck: false,
    devTools: !isPackaged,
  };
}

/** Copying a chart or a table is the only thing that needs a permission. */
const ALLOWED_PERMISSIONS: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

type HardenedSession = Pick<
  Session,
  'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler' | 'webRequest'
>;

/** 5: nothing is granted but what is listed; 1: nothing is loaded that is not ours. */
export function hardenSession(session: HardenedSession, trustedOrigin: string): void {
  session.setPermissionRequestHandler((contents, permission, grant) =>
    grant(ALLOWED_PERMISSIONS.has(permission) && originOf(contents.getURL()) === trustedOrigin),
  );
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => ALLOWED_PERMISSIONS.has(permission) && originOf(origin) === trustedOrigin,
  );
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: !mayLoad(url, trustedOrigin) }));
}

/** Our own files, and what a page makes of them in memory. */
export function mayLoad(url: string, trustedOrigin: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol } = new URL(url);
  if (originOf(url) === trustedOrigin || protocol === 'data:' || protocol === 'devtools:') return true;
  if (protocol === 'blob:') return originOf(url.slice('blob:'.length)) === trustedOrigin;
  // The live reload of `npm run dev`.
  return (
    protocol === 'ws:' && !trustedOrigin.startsWith(APP_SCHEME) && url.startsWith(trustedOrigin.replace('http', 'ws'))
  );
}

type HardenedContents = Pick<WebContents, 'setWindowOpenHandler'> & {
  on(event: string, listener: (event: { preventDefault(): void }) => void): unknown;
};

/** 11-14: no navigation, no new windows, no webviews. There is nothing to open outside either (15). */
export function hardenContents(contents: HardenedContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  for (const event of ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])
    contents.on(event, (e) => e.preventDefault());
}
