import type { SourceRef } from './source.ts';

/** How a time column is written. `auto` is decided by inspection; text without an offset is UTC. */
export const TIME_FORMATS = ['auto', 'iso', 'seconds', 'milliseconds', 'microseconds', 'julianday'] as const;
export type TimeFormat = (typeof TIME_FORMATS)[number];

/** The bundled sample, made at first use in the data folder. */
export const SAMPLE_REF: SourceRef = { kind: 'sqlite', path: 'sample:' };
