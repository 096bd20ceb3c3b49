import { useEffect, useState } from 'react';
import type { Dialect, Estimate, SqlCheck } from '../../../protocol/query-schema.ts';
import { query } from '../../engine/query-client.ts';
import { bindParameters } from '../../stores/sql-params.ts';
import { getParameters, splitStatements, statementAt } from './language/statements.ts';

const AFTER_MS = 350;

export interface EstimateInput {
  readonly sessionId: string | null;
  readonly text: string;
  readonly offset: number;
  readonly dialect: Dialect;
  readonly check: SqlCheck | null;
  readonly typed: Readonly<Record<string, string>>;
  readonly bound: (name: string) => string | number;
}

/** What the statement at the cursor would read, a moment after it stands still and while it has no error. */
export function useEstimate({ sessionId, text, offset, dialect, check, typed, bound }: EstimateInput): Estimate | null {
  const [estimate, setEstimate] = useState<{ sql: string; value: Estimate | null } | null>(null);
  const one = statementAt(splitStatements(text, dialect), offset);
  const sql = one === null ? '' : text.slice(one.start, one.end);
  const isBroken =
    one !== null &&
    (check?.diagnostics ?? []).some((d) => d.severity === 'error' && d.from <= one.end && d.to >= one.start);
  const { params, missing } = bindParameters(getParameters(sql, dialect), typed, bound);
  const key = isBroken || missing.length > 0 || check === null ? '' : JSON.stringify([sql, params]);
  useEffect(() => {
    if (sessionId === null || key === '' || sql === '') {
      setEstimate(null);
      return undefined;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      query.estimate({ sessionId, sql, params }, { signal: stop.signal }).then(
        (value) => !stop.signal.aborted && setEstimate({ sql, value }),
        () => !stop.signal.aborted && setEstimate(null),
      );
    }, AFTER_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
    // oxlint-disable-next-line react/exhaustive-deps -- `key` has the statement and its parameters
  }, [sessionId, key]);
  return estimate !== null && estimate.sql === sql ? estimate.value : null;
}
