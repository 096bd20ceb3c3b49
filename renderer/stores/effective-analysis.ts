import type { Analysis } from '../../protocol/index.ts';
import type { Frame } from './frame.ts';

/**
 * The analysis as it is really asked: the workspace's range, as of, known at and time zone fill what the analysis
 * leaves open (the zone is always the workspace's: it is what the strip and the axes show). Doing it twice changes nothing.
 */
export function effectiveAnalysis<A extends Analysis>(analysis: A, frame: Frame): A {
  const { range } = frame;
  const hasRange = range.from !== null || range.to !== null;
  return {
    ...analysis,
    timezone: frame.timezone,
    asOf: analysis.asOf ?? frame.asOf,
    knownAt: analysis.knownAt ?? frame.knownAt,
    ...((analysis.dateRange ?? null) === null && hasRange ? { dateRange: { from: range.from, to: range.to } } : {}),
  };
}
