import { spawn } from 'node:child_process';
import { getPeakMemory } from './peak-memory.ts';

export interface Started {
  /** From the start of the process until the last of its answer had been written. */
  readonly ms: number;
  readonly text: string;
  /** Largest resident size in bytes; 0 where the system does not tell (not Linux). */
  readonly peakBytes: number;
}
const LOOK_EVERY_MS = 20;

/** Starts Node with these arguments and waits for its answer on stdout. Rejects when it fails. */
export function startProcess(args: readonly string[], compileCache: string): Promise<Started> {
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache, NODE_NO_WARNINGS: '1' };
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    let errors = '';
    let ms = Number.NaN;
    let peakBytes = 0;
    const looking = setInterval(() => {
      peakBytes = Math.max(peakBytes, getPeakMemory(child.pid ?? 0) || 0);
    }, LOOK_EVERY_MS);
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      ms = performance.now() - start;
    });
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('close', (code) => {
      clearInterval(looking);
      if (code === 0) resolve({ ms, text, peakBytes });
      else reject(new Error(`ended with ${code}: ${errors.trim().slice(-300)}`));
    });
  });
}
