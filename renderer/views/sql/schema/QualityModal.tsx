import { Modal } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import { toErrorData, type ErrorData } from '../../../../protocol/index.ts';
import type { QualityCheck } from '../../../../protocol/query-schema.ts';
import { query } from '../../../engine/query-client.ts';
import { useSqlSession } from '../../../stores/sql-session.ts';
import { openInSql } from '../../../stores/sql-tabs.ts';
import { formatCount, formatShare } from '../../../widgets/format.ts';
import { EmptyState, ErrorPanel, SkeletonRows } from '../../../widgets/states.tsx';
import { PlainTable } from '../../parts/PlainTable.tsx';

interface Report {
  readonly checks: readonly QualityCheck[] | null;
  readonly error: ErrorData | null;
}
const ASKED: Report = { checks: null, error: null };

/** What is odd in the event table, counted by statements that one can look at. */
export function QualityModal({ onClose }: { readonly onClose: () => void }): ReactElement {
  const sessionId = useSqlSession((s) => s.session?.sessionId ?? null);
  const [report, setReport] = useState(ASKED);
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (sessionId === null) return;
    let isWanted = true;
    query.quality(sessionId).then(
      (checks) => isWanted && setReport({ checks, error: null }),
      (thrown: unknown) => isWanted && setReport({ checks: null, error: toErrorData(thrown) }),
    );
    return () => {
      isWanted = false;
    };
  }, [sessionId, round]);
  const retry = (): void => {
    setReport(ASKED);
    setRound(round + 1);
  };
  return (
    <Modal opened onClose={onClose} title="Quality of the event table" size="xl">
      {report.error !== null ? (
        <ErrorPanel error={report.error} title="The table could not be checked" onRetry={retry} />
      ) : report.checks === null ? (
        <SkeletonRows rows={8} />
      ) : report.checks.length === 0 ? (
        <EmptyState>There is no table global_events here to check.</EmptyState>
      ) : (
        <Checks checks={report.checks} onClose={onClose} />
      )}
    </Modal>
  );
}

function Checks({
  checks,
  onClose,
}: {
  readonly checks: readonly QualityCheck[];
  readonly onClose: () => void;
}): ReactElement {
  return (
    <PlainTable
      label="Quality of the event table"
      rows={checks}
      keyOf={({ name }) => name}
      onRow={({ name, sql }) => {
        openInSql(sql, name);
        onClose();
      }}
      columns={[
        { title: 'Check', cell: ({ name }) => name },
        { title: 'Rows', numeric: true, cell: ({ rows }) => formatCount(rows) },
        { title: 'Share', numeric: true, cell: ({ rows, of }) => (of === 0 ? '–' : formatShare(rows / of)) },
        { title: 'What it means', cell: ({ text }) => text },
      ]}
    />
  );
}
