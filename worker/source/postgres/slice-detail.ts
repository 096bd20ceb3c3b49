import type { ScanSlice } from '../event-source.ts';
import type { RowRange } from './scan-sql.ts';

/** What one slice of a server's table reads. JSON-safe: it is kept with the columns. */
export type ServerSlice = {
  readonly fromSeq: number | null;
  readonly toSeq: number | null;
  /** `seq,seq,…`: see `RowRange`. */
  readonly extra: string;
  readonly except: string;
  readonly fromKey: string | null;
  readonly toKey: string | null;
  readonly fromTime: number | null;
  readonly toTime: number | null;
  /** Rows to leave out as copies of an event, `seq,seq,…`. */
  readonly duplicates: string;
  /** Of all rows that a scan of it reads, to tell that a later scan reads the same; '' = it cannot be told. */
  readonly hash: string;
  /** Exported for the scan that comes next; '' = the scan takes its own. */
  readonly snapshot: string;
};

export const WHOLE: ServerSlice = {
  fromSeq: null,
  toSeq: null,
  extra: '',
  except: '',
  fromKey: null,
  toKey: null,
  fromTime: null,
  toTime: null,
  duplicates: '',
  hash: '',
  snapshot: '',
};

export const detailOf = (slice: ScanSlice): ServerSlice => slice.detail as ServerSlice;
export const splitSeqs = (seqs: string): readonly number[] => (seqs === '' ? [] : seqs.split(',').map(Number));

export const rangeOf = ({ extra, except, ...range }: ServerSlice): RowRange => ({
  ...range,
  extra: splitSeqs(extra),
  except: splitSeqs(except),
});
