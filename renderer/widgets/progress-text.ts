import type { Progress } from '../../protocol/index.ts';
import { formatBytes, formatCompact, formatMs } from './format.ts';

const PHASES: Readonly<Record<Progress['phase'], string>> = {
  inspect: 'Looking at the file',
  scan: 'Reading events',
  build: 'Arranging events',
  compute: 'Computing',
  export: 'Writing',
  sample: 'Making the sample',
};
export const phaseText = (progress: Progress): string => PHASES[progress.phase];

const amount = (value: number, unit: Progress['unit']): string =>
  unit === 'bytes' ? formatBytes(value) : `${formatCompact(value)} ${unit}`;

/** `1.2M of 4M rows · 800K rows/s · 3 s left` */
export function progressText(progress: Progress): string {
  const { done, total, unit, perSecond, etaMs } = progress;
  const parts = [
    total === null
      ? amount(done, unit)
      : unit === 'bytes'
        ? `${formatBytes(done)} of ${formatBytes(total)}`
        : `${formatCompact(done)} of ${formatCompact(total)} ${unit}`,
  ];
  if (perSecond > 0) parts.push(`${amount(perSecond, unit)}/s`);
  if (etaMs !== null && etaMs >= 500) parts.push(`${formatMs(etaMs)} left`);
  return parts.join(' · ');
}
export const progressPercent = (progress: Progress): number | null =>
  progress.total === null || progress.total === 0 ? null : Math.min(100, (100 * progress.done) / progress.total);
