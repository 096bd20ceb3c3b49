import { Skeleton } from '@mantine/core';
import type { ReactElement } from 'react';
import type { ErrorData, Inspection } from '../../../protocol/index.ts';
import { formatBytes, formatCount } from '../../widgets/format.ts';
import { progressText } from '../../widgets/progress-text.ts';
import { ErrorPanel } from '../../widgets/states.tsx';
import { FORMAT_TEXT } from './mapping-draft.ts';
import classes from './MappingPage.module.css';
import { PartitionSpark } from './PartitionSpark.tsx';
import type { MappingPreview } from './use-mapping-preview.ts';

interface PreviewPaneProps {
  readonly preview: MappingPreview;
  /** An error that belongs to no field. */
  readonly error: ErrorData | null;
  readonly isWhole: boolean;
}

/** What the mapping gives: how many events of how many actors, when, and what is odd. */
export function PreviewPane({ preview, error, isWhole }: PreviewPaneProps): ReactElement {
  const { inspection, isLoading, progress } = preview;
  return (
    <>
      <h2 className={classes.section}>What would be read</h2>
      {!isWhole && (
        <p className={classes.muted}>Choose table, actor, event and time: then this shows what would be read.</p>
      )}
      {error !== null && <ErrorPanel error={error} />}
      {isWhole && inspection === null && !isLoading && error === null && (
        <p className={classes.muted}>Correct the marked field first.</p>
      )}
      {isWhole && inspection === null && isLoading && (
        <>
          <Skeleton height={20} mb={8} />
          <Skeleton height={72} mb={8} />
          <Skeleton height={60} />
        </>
      )}
      {progress !== null && isLoading && <p className={classes.muted}>{progressText(progress)}</p>}
      {inspection !== null && (
        <div data-stale={isLoading || undefined} className={classes.preview}>
          <Facts inspection={inspection} />
        </div>
      )}
    </>
  );
}

const day = (iso: string | null): string => iso?.slice(0, 16).replace('T', ' ') ?? '–';

function Facts({ inspection }: { readonly inspection: Inspection }): ReactElement {
  const { totals, partitions, issues, mapping } = inspection;
  if (totals === null || totals.events === 0) return <p>No row can be read as an event this way.</p>;
  return (
    <>
      <PartitionSpark partitions={partitions} />
      <dl className={classes.facts}>
        <Fact name="Events">{formatCount(totals.events)}</Fact>
        <Fact name="Actors">{formatCount(totals.actors)}</Fact>
        <Fact name="First event (UTC)">{day(totals.firstTime)}</Fact>
        <Fact name="Last event (UTC)">{day(totals.lastTime)}</Fact>
        {mapping !== null && <Fact name="Time is written as">{FORMAT_TEXT[mapping.time.format]}</Fact>}
        <Fact name="File">{formatBytes(inspection.sizeBytes)}</Fact>
      </dl>
      {issues.length > 0 && <h3 className={classes.subsection}>What is odd about it</h3>}
      <ul className={classes.issues}>
        {issues.map((issue) => (
          <li key={issue.kind}>
            <b>{formatCount(issue.rows)}</b> {issue.text}
          </li>
        ))}
      </ul>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: string }): ReactElement {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
