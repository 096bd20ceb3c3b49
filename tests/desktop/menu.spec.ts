import { clickMenu, expect, openSample, test, windowTitle } from './fixture.ts';

test('the menu names the window’s commands and runs them', async ({ desktop }) => {
  const labels = await desktop.app.evaluate(({ Menu }) =>
    Menu.getApplicationMenu()?.items.map((item) => item.label.replace('&', '')),
  );
  expect(labels).toEqual(['File', 'Edit', 'View', 'Analysis', 'Help']);
  await clickMenu(desktop, 'window.palette');
  await expect(desktop.page.getByRole('dialog')).toBeVisible();
});

test('every menu command exists in the window', async ({ desktop }) => {
  const ids = await desktop.app.evaluate(({ Menu }) => {
    const all = (items: Electron.MenuItem[]): string[] =>
      items.flatMap((item) => [item.id ?? '', ...all(item.submenu?.items ?? [])]);
    return all(Menu.getApplicationMenu()?.items ?? []).filter((id) =>
      /^(file|edit|view|analysis|window|help)\./.test(id),
    );
  });
  expect(ids.length).toBeGreaterThan(25);
  const unknown = await desktop.page.evaluate(async (wanted) => {
    const preloaded = [...document.querySelectorAll<HTMLLinkElement>('link[rel=modulepreload]')].map(
      ({ href }) => href,
    );
    const files = [...[...document.scripts].map(({ src }) => src), ...preloaded];
    const scripts = await Promise.all(files.map(async (file) => (await fetch(file)).text()));
    const source = scripts.join('\n');
    // The views' commands are made from their names.
    return wanted.filter((id) => !id.startsWith('view.') && !source.includes(id));
  }, ids);
  expect(unknown).toEqual([]);
});

test('a view chosen in the menu is shown', async ({ desktop }) => {
  await openSample(desktop.page);
  await clickMenu(desktop, 'view.funnel');
  await expect(
    desktop.page
      .getByRole('heading', { name: 'Funnel' })
      .or(desktop.page.locator('[aria-current="page"]', { hasText: 'Funnel' }))
      .first(),
  ).toBeVisible();
  expect(await windowTitle(desktop)).toContain('Sample');
});

test('right click on a text field offers cut, copy and paste', async ({ desktop }) => {
  const asked = await desktop.app.evaluate(({ BrowserWindow, Menu }) => {
    const seen: string[][] = [];
    const build = Menu.buildFromTemplate.bind(Menu);
    Menu.buildFromTemplate = (template) => {
      seen.push(template.map((item) => ('role' in item ? String(item.role) : '')));
      const menu = build(template);
      menu.popup = () => undefined;
      return menu;
    };
    const [window] = BrowserWindow.getAllWindows();
    window?.webContents.emit('context-menu', {}, { isEditable: true, selectionText: '' });
    window?.webContents.emit('context-menu', {}, { isEditable: false, selectionText: 'text' });
    window?.webContents.emit('context-menu', {}, { isEditable: false, selectionText: ' ' });
    return seen;
  });
  expect(asked).toEqual([['cut', 'copy', 'paste', '', 'selectAll'], ['copy']]);
});
