import { describe, expect, test } from 'vitest';
import { hardenContents, hardenSession, mayLoad, windowPreferences } from './harden.ts';
import { APP_ORIGIN } from './origin.ts';

type Listener = (...args: never[]) => unknown;
function fakeSession() {
  const handlers: Record<string, Listener> = {};
  const keep = (name: string) => (listener: Listener) => void (handlers[name] = listener);
  return {
    handlers,
    session: {
      setPermissionRequestHandler: keep('request'),
      setPermissionCheckHandler: keep('check'),
      setDevicePermissionHandler: keep('device'),
      webRequest: { onBeforeRequest: keep('before') },
    } as never,
  };
}

const PERMISSIONS = [
  'clipboard-read',
  'display-capture',
  'mediaKeySystem',
  'geolocation',
  'notifications',
  'midi',
  'midiSysex',
  'pointerLock',
  'fullscreen',
  'openExternal',
  'window-management',
  'media',
  'idle-detection',
  'hid',
  'serial',
  'usb',
  'fileSystem',
  'storage-access',
  'keyboardLock',
  'speaker-selection',
  'top-level-storage-access',
  'deprecated-sync-clipboard-read',
  'unknown',
];

describe('session (checklist 1, 5)', () => {
  const { session, handlers } = fakeSession();
  hardenSession(session, APP_ORIGIN);
  const request = (permission: string, url: string): boolean => {
    let granted = false;
    (handlers['request'] as unknown as (contents: object, permission: string, grant: (yes: boolean) => void) => void)(
      { getURL: () => url },
      permission,
      (yes) => (granted = yes),
    );
    return granted;
  };
  const check = (permission: string, origin: string): unknown =>
    (handlers['check'] as unknown as (contents: null, permission: string, origin: string) => unknown)(
      null,
      permission,
      origin,
    );

  test.each(PERMISSIONS)('%s is denied, asked or checked', (permission) => {
    expect([request(permission, `${APP_ORIGIN}/index.html`), check(permission, APP_ORIGIN)]).toEqual([false, false]);
  });

  test('copying is allowed to our page only', () => {
    expect([
      request('clipboard-sanitized-write', `${APP_ORIGIN}/index.html`),
      check('clipboard-sanitized-write', `${APP_ORIGIN}/`),
    ]).toEqual([true, true]);
    for (const origin of ['https://evil.test', 'app://other', 'app://tributary.evil.test', 'file:///', '', 'null']) {
      expect([request('clipboard-sanitized-write', origin), check('clipboard-sanitized-write', origin)]).toEqual([
        false,
        false,
      ]);
    }
  });

  test('no device', () => {
    expect((handlers['device'] as () => unknown)()).toBe(false);
  });

  test('requests that are not ours are cancelled', () => {
    const cancelled = (url: string): unknown => {
      let decision: { cancel?: boolean } = {};
      (handlers['before'] as unknown as (details: object, decide: (d: object) => void) => void)(
        { url },
        (d) => (decision = d),
      );
      return decision.cancel;
    };
    expect(cancelled(`${APP_ORIGIN}/assets/index.js`)).toBe(false);
    const foreign = [
      'http://127.0.0.1/',
      'https://example.com/',
      'ws://127.0.0.1/',
      'file:///etc/passwd',
      'ftp://x/',
      'app://other/',
      'chrome://settings',
      'blob:https://evil.test/1',
      'garbage',
    ];
    expect(foreign.filter((url) => cancelled(url) !== true)).toEqual([]);
  });

  test('what a page makes in memory may load, and live reload only in development', () => {
    expect(mayLoad(`blob:${APP_ORIGIN}/uuid`, APP_ORIGIN)).toBe(true);
    expect(mayLoad('data:image/png;base64,', APP_ORIGIN)).toBe(true);
    expect(mayLoad('ws://localhost:5173/?token=1', APP_ORIGIN)).toBe(false);
    expect(mayLoad('ws://localhost:5173/?token=1', 'http://localhost:5173')).toBe(true);
    expect(mayLoad('ws://evil.test/', 'http://localhost:5173')).toBe(false);
  });
});

describe('contents (checklist 11-14)', () => {
  test('navigation, redirects, webviews and windows are refused', () => {
    const listeners = new Map<string, (event: { preventDefault(): void }) => void>();
    let open: (() => { action: string }) | undefined;
    hardenContents({
      on: (event: string, listener: never) => listeners.set(event, listener),
      setWindowOpenHandler: (handler: never) => void (open = handler),
    } as never);
    expect(open?.()).toEqual({ action: 'deny' });
    const prevented: string[] = [];
    for (const [event, listener] of listeners) listener({ preventDefault: () => prevented.push(event) });
    expect(prevented.sort()).toEqual(['will-attach-webview', 'will-frame-navigate', 'will-navigate', 'will-redirect']);
  });
});

describe('window preferences (checklist 2, 3, 4, 6, 8, 9, 10)', () => {
  test('are set one by one, not left to defaults', () => {
    expect(windowPreferences('/preload.cjs', true)).toEqual({
      preload: '/preload.cjs',
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      contextIsolation: true,
      sandbox: true,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: false,
    });
    expect(windowPreferences('/preload.cjs', false).devTools).toBe(true);
  });
});
