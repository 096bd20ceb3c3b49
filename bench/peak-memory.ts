import { readFileSync, writeFileSync } from 'node:fs';

/** Largest resident size of a process in bytes; NaN where the system does not tell (not Linux), or it has ended. */
export function getPeakMemory(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
  } catch {
    return Number.NaN;
  }
}

/** The same of this process since the last call; since its start where the system does not forget (not Linux). */
export function takePeakMemory(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const peak = getPeakMemory(process.pid);
  writeFileSync('/proc/self/clear_refs', '5');
  return peak;
}
