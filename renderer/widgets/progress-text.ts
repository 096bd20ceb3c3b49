import type { PlanSummary, Progress } from '../../protocol/index.ts';
import { formatBytes, formatCompact, formatCount, formatMs } from './format.ts';

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
/** What is read, and where it is computed: `720 of 8,760 hours · 1.2M of 4M rows · 1.2M rows moved here, about 100 MB`. */
export function planText({ partitionsRead, partitionsTotal, rowsRead, rowsTotal, compute }: PlanSummary): string {
  const parts = [
    `${formatCount(partitionsRead)} of ${formatCount(partitionsTotal)} hours`,
    `${formatCompact(rowsRead)} of ${formatCompact(rowsTotal)} rows`,
  ];
  if (compute?.way === 'pushdown')
    parts.push(`on the server${compute.cost === null ? '' : `, cost ${formatCompact(Math.round(compute.cost))}`}`);
  else if (compute !== undefined && compute.rowsToMove > 0)
    parts.push(`${formatCompact(compute.rowsToMove)} moved here, about ${formatBytes(compute.bytesToMove)}`);
  return parts.join(' · ');
}
export const progressPercent = (progress: Progress): number | null =>
  progress.total === null || progress.total === 0 ? null : Math.min(100, (100 * progress.done) / progress.total);
