import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeScratchFolder } from './scratch.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-scratch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('removes what dead processes left, and nothing else', () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  const [left, own, other] = [`scratch-${dead}-a`, `scratch-${process.pid}-b`, 'sample'].map((name) =>
    path.join(folder, name),
  );
  for (const name of [left, own, other]) mkdirSync(name ?? '');
  const made = makeScratchFolder(folder);
  expect([left, own, other, made].map((name) => existsSync(name ?? ''))).toEqual([false, true, true, true]);
});
