import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Largest resident size in bytes since the last call, summed over processes (what they share counts for each); since the
 * start where the system does not forget (not Linux), and there of this process only.
 */
export function takePeakMemory(pids: readonly number[]): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  return pids.reduce((sum, pid) => sum + takePeakOf(pid), 0);
}

function takePeakOf(pid: number): number {
  try {
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    return Number(peak?.[1] ?? 0) * 1024;
  } catch {
    // It has ended.
    return 0;
  }
}
