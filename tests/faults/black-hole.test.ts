import { execFile, spawnSync } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { LOST, type Failure } from './harness.ts';

/** By TCP's keep-alive, and what a busy machine may add. */
const TOLD_MS = 4_000;
const ROOM_MS = 2_000;
/** As root on Linux, where rules may name ports. */
const RULE = 'ip link set lo up && ip rule add pref 1 ipproto tcp sport 9 blackhole';
const hasOwnNetwork = process.platform === 'linux' && spawnSync('unshare', ['-n', 'sh', '-c', RULE]).status === 0;

test.skipIf(!hasOwnNetwork)(
  'a network that drops one session while its statement computes, and lets others through: told by TCP',
  async () => {
    const script = path.join(import.meta.dirname, 'black-hole.ts');
    const { stdout } = await promisify(execFile)('unshare', ['-n', process.execPath, script], { timeout: 60_000 });
    const { code, ms } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Failure;
    console.log(`told after ${Math.round(ms)} ms`);
    expect(LOST).toContain(code);
    expect(ms).toBeLessThan(TOLD_MS + ROOM_MS);
  },
  90_000,
);
