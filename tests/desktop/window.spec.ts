import { expect, test } from './fixture.ts';

test('the window opens on app:// with our page, title and size', async ({ desktop: { app, page } }) => {
  expect(page.url()).toBe('app://tributary/index.html');
  await expect(page.getByText('Explore the sample')).toBeVisible();
  const window = await app.evaluate(({ BrowserWindow }) => {
    const [first, ...others] = BrowserWindow.getAllWindows();
    return { title: first?.getTitle(), visible: first?.isVisible(), size: first?.getSize(), others: others.length };
  });
  expect(window).toMatchObject({ title: 'Tributary', visible: true, others: 0 });
  expect(window.size?.[0]).toBeGreaterThanOrEqual(800);
});

test('the page is isolated and sandboxed and sees only the narrow bridge', async ({ desktop: { app, page } }) => {
  const preferences = await app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    return (
      window as unknown as { webContents: { getLastWebPreferences(): object } }
    ).webContents.getLastWebPreferences();
  });
  expect(preferences).toMatchObject({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
  });
  const seen = await page.evaluate(() => ({
    node: ['require', 'process', 'module', 'Buffer', '__dirname', 'global', 'ipcRenderer', 'electron'].filter(
      (name) => name in globalThis,
    ),
    bridge: Object.keys((globalThis as unknown as { tributary: object }).tributary).sort(),
  }));
  expect(seen).toEqual({ node: [], bridge: ['call', 'onEvent', 'pathOf'] });
});

test('the content security policy stops eval, inline scripts, foreign requests and frames', async ({
  desktop: { page, problems },
}) => {
  const outcome = await page.evaluate(async () => {
    const violations: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'globalThis.injected = true';
    document.body.append(script);
    const frame = document.createElement('iframe');
    frame.src = 'https://example.com/';
    document.body.append(frame);
    // In a task of its own: the driver's call itself is exempt from the policy.
    const evaluated = await new Promise((resolve) => {
      setTimeout(() => {
        try {
          // oxlint-disable-next-line no-eval
          resolve((0, eval)('1 + 1') === 2);
        } catch {
          resolve(false);
        }
      });
    });
    const fetched = await fetch('https://example.com/').then(
      () => true,
      () => false,
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    script.remove();
    frame.remove();
    return { violations: [...new Set(violations)].sort(), injected: 'injected' in globalThis, evaluated, fetched };
  });
  expect(outcome).toEqual({
    violations: ['connect-src', 'frame-src', 'script-src', 'script-src-elem'],
    injected: false,
    evaluated: false,
    fetched: false,
  });
  expect(problems.splice(0).length).toBeGreaterThan(0);
});

test('the page can go nowhere else and open nothing', async ({ desktop: { app, page, problems } }) => {
  const opened = await page.evaluate(() => {
    const window_ = window.open('https://example.com/');
    location.href = 'https://example.com/';
    const form = document.createElement('form');
    form.action = 'https://example.com/';
    document.body.append(form);
    form.submit();
    return window_ === null;
  });
  expect(opened).toBe(true);
  await page.waitForTimeout(500);
  expect(page.url()).toBe('app://tributary/index.html');
  expect(await page.evaluate(() => document.body.textContent)).toContain('Explore the sample');
  expect(
    await app.evaluate(({ BrowserWindow, webContents }) => [
      BrowserWindow.getAllWindows().length,
      webContents.getAllWebContents().length,
    ]),
  ).toEqual([1, 1]);
  problems.splice(0);
});

test('no permission is granted but copying', async ({ desktop: { page, problems } }) => {
  const states = await page.evaluate(async () => {
    const ask = async (name: string): Promise<string> =>
      navigator.permissions.query({ name: name as PermissionName }).then(
        (status) => status.state,
        () => 'error',
      );
    const location_ = await new Promise((resolve) =>
      navigator.geolocation.getCurrentPosition(
        () => resolve('granted'),
        () => resolve('denied'),
      ),
    );
    const camera = await navigator.mediaDevices.getUserMedia({ video: true }).then(
      () => 'granted',
      () => 'denied',
    );
    const read = await navigator.clipboard.readText().then(
      () => true,
      () => false,
    );
    return {
      notifications: await Notification.requestPermission(),
      midi: await ask('midi'),
      location: location_,
      camera,
      read,
    };
  });
  expect(states).toEqual({
    notifications: 'denied',
    midi: 'denied',
    location: 'denied',
    camera: 'denied',
    read: false,
  });
  problems.splice(0);
});

test('a click may copy', async ({ desktop: { app, page } }) => {
  // No window manager gives the focus here, and copying asks for it.
  await (await page.context().newCDPSession(page)).send('Emulation.setFocusEmulationEnabled', { enabled: true });
  await page.evaluate(() => {
    const button = document.createElement('button');
    button.textContent = 'copy test';
    button.style.cssText = 'position:fixed;top:0;left:0;z-index:9999';
    button.addEventListener('click', () => {
      navigator.clipboard.writeText('a table').then(
        () => (button.textContent = 'copied'),
        (error: unknown) => (button.textContent = String(error)),
      );
    });
    document.body.append(button);
  });
  await page.getByText('copy test').click();
  await expect(page.getByText('copied')).toBeVisible();
  expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toBe('a table');
});

test('app:// serves the window and nothing else', async ({ desktop: { app, page, problems } }) => {
  const statuses = await app.evaluate(async ({ net }) => {
    const status = (url: string, method = 'GET'): Promise<number> =>
      net.fetch(url, { method }).then(
        (response) => response.status,
        () => 0,
      );
    return {
      page: await status('app://tributary/index.html'),
      post: await status('app://tributary/index.html', 'POST'),
      up: await status('app://tributary/../package.json'),
      encoded: await status('app://tributary/%2e%2e/%2e%2e/package.json'),
      slash: await status('app://tributary/..%2f..%2fpackage.json'),
      backslash: await status('app://tributary/..%5c..%5cpackage.json'),
      otherHost: await status('app://other/index.html'),
    };
  });
  expect(statuses).toEqual({ page: 200, post: 405, up: 404, encoded: 404, slash: 404, backslash: 404, otherHost: 404 });
  const fromPage = await page.evaluate(async () => {
    const text = (url: string): Promise<string> =>
      fetch(url).then(
        (response) => `${response.status}`,
        () => 'refused',
      );
    return [await text('file:///etc/passwd'), await text('app://other/index.html'), await text('http://127.0.0.1:1/')];
  });
  expect(fromPage).toEqual(['refused', 'refused', 'refused']);
  const headers = await page.evaluate(async () =>
    Object.fromEntries((await fetch('app://tributary/index.html')).headers),
  );
  expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self';");
  problems.splice(0);
});

test('a frame or a forged call gets nothing from main', async ({ desktop: { page, app, problems } }) => {
  const answers = await page.evaluate(async () => {
    const bridge = (
      globalThis as unknown as { tributary: { call(method: unknown, argument: unknown): Promise<unknown> } }
    ).tributary;
    return [
      await bridge.call('toString', null),
      await bridge.call('saveSettings', { theme: 1 }),
      await bridge.call('readWorkspace', { path: '/etc/passwd', extra: 1 }),
      await bridge.call({}, {}),
      await bridge.call('showInFolder', { path: '/etc' }),
    ];
  });
  expect(answers).toMatchObject(
    ['E_USAGE', 'E_USAGE', 'E_USAGE', 'E_USAGE', 'E_REFUSED'].map((code) => ({ ok: false, error: { code } })),
  );
  const channels = await app.evaluate(({ ipcMain }) => [
    ...(ipcMain as unknown as { _invokeHandlers: Map<string, unknown> })._invokeHandlers.keys(),
    ...ipcMain.eventNames().filter((name) => name !== 'error'),
  ]);
  expect(channels).toEqual(['shell']);
  problems.splice(0);
});
