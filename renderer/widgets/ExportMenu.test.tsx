import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import type { ReactElement } from 'react';
import { describe, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { EngineError, parseAnalysis } from '../../protocol/index.ts';
import '../theme/global-styles.ts';
import { theme } from '../theme/mantine-theme.ts';
import { ExportMenu, type ExportMenuProps } from './ExportMenu.tsx';
import { ExportTargetContext, type ExportTarget } from './export-target.ts';

const analysis = parseAnalysis({ type: 'funnel', steps: [{ event: 'a' }] });
const png = new Blob([new Uint8Array([0x89, 0x50])], { type: 'image/png' });

async function open(props: Partial<ExportMenuProps> = {}) {
  const saved: { name: string; content: string | Blob }[] = [];
  const target: ExportTarget = {
    save: (name, content) => {
      saved.push({ name, content });
      return Promise.resolve(name);
    },
  };
  const menu: ReactElement = (
    <MantineProvider theme={theme} env="test">
      <Notifications />
      <ExportTargetContext value={target}>
        <ExportMenu
          name="funnel signup to payment"
          analysis={analysis}
          getCliCommand={() => 'tributary run x'}
          getCsv={() => 'a,b\r\n'}
          getSvg={() => '<svg/>'}
          getPng={() => png}
          {...props}
        />
      </ExportTargetContext>
    </MantineProvider>
  );
  await render(menu);
  await page.getByRole('button', { name: 'Export' }).click();
  return saved;
}

describe('export menu', () => {
  it('saves what it was given under a name that says what and when', async () => {
    const saved = await open();
    await page.getByText('Save CSV').click();
    await expect.element(page.getByText(/^Saved tributary-funnel/)).toBeVisible();
    expect(saved).toHaveLength(1);
    expect(saved[0]?.content).toBe('a,b\r\n');
    expect(saved[0]?.name).toMatch(/^tributary-funnel-signup-to-payment-\d{4}-\d\d-\d\dT\d{4}\.csv$/);
  });
  it('takes pictures as blobs and as data URLs', async () => {
    const saved = await open({ getPng: () => `data:image/png;base64,${btoa('\u0089PNG')}` });
    await page.getByText('Save PNG').click();
    await expect.element(page.getByText(/^Saved/)).toBeVisible();
    const blob = saved[0]?.content as Blob;
    expect(blob.type).toBe('image/png');
    expect([...new Uint8Array(await blob.arrayBuffer())]).toEqual([0x89, 0x50, 0x4e, 0x47]);
  });
  it('offers no picture where there is none', async () => {
    await open({ getPng: undefined, getSvg: undefined });
    await expect.element(page.getByText('Save CSV')).toBeVisible();
    expect(page.getByText('Save PNG').query()).toBeNull();
    expect(page.getByText('Copy image').query()).toBeNull();
  });
  it('shows the analysis as a person would write it', async () => {
    await open();
    await page.getByText('View analysis as JSON').click();
    const text = page.getByLabelText('Analysis as JSON').element().textContent;
    expect(JSON.parse(text)).toEqual({ version: 1, type: 'funnel', steps: [{ event: 'a' }] });
  });
  it('says why an export failed, and can be used again', async () => {
    const fail = (): Promise<string> =>
      Promise.reject(new EngineError('E_DISK_FULL', 'The disk is full.', { hint: 'Free some space.' }));
    await open({ getCsv: fail });
    await page.getByText('Save CSV').click();
    await expect.element(page.getByText('The disk is full.')).toBeVisible();
    await expect.element(page.getByText('Free some space. (E_DISK_FULL)')).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Export' })).toBeEnabled();
  });
});
