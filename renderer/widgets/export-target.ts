import { createContext } from 'react';

/** Where exports go. The window provides the desktop's save dialog; without a provider the browser downloads. */
export interface ExportTarget {
  /** Why numbers and pictures are held back for now, one or two sentences; null = they are not. */
  readonly held?: string | null;
  /** Answers the path or name written, null when the user dismissed the dialog. Throws an EngineError. */
  save(name: string, content: string | Blob): Promise<string | null>;
}

const MIME: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  svg: 'image/svg+xml',
  json: 'application/json',
  txt: 'text/plain',
};

/** The browser's own download. */
export const downloadTarget: ExportTarget = {
  save(name, content) {
    const type = MIME[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    const blob = typeof content === 'string' ? new Blob([content], { type: `${type};charset=utf-8` }) : content;
    const url = URL.createObjectURL(blob);
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    // The download has its own reference once started; a minute is ample.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    return Promise.resolve(name);
  },
};

export const ExportTargetContext = createContext<ExportTarget>(downloadTarget);

/** Bytes as base64, in slices: `String.fromCharCode` takes no million arguments. */
export async function blobToBase64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = '';
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}

/** `data:image/png;base64,…` (what echarts gives) as a blob, without `fetch`, which the CSP may forbid for data:. */
export function dataUrlToBlob(url: string): Blob {
  const match = /^data:([^;,]*)(;base64)?,(.*)$/s.exec(url);
  if (match === null) throw new Error('Not a data URL.');
  const [, type = '', base64, body = ''] = match;
  const text = base64 === undefined ? decodeURIComponent(body) : atob(body);
  const bytes = base64 === undefined ? new TextEncoder().encode(text) : Uint8Array.from(text, (c) => c.charCodeAt(0));
  return new Blob([bytes], { type });
}
