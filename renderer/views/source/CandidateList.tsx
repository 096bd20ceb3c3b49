import { UnstyledButton } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Inspection, Mapping, MappingCandidate } from '../../../protocol/index.ts';
import { formatUnits } from '../../widgets/format.ts';
import classes from './MappingPage.module.css';

interface CandidateListProps {
  readonly inspection: Inspection;
  readonly current: Mapping | null;
  readonly onChoose: (candidate: MappingCandidate) => void;
}

const sameParts = (a: Mapping, b: Mapping | null): boolean =>
  b !== null &&
  a.table === b.table &&
  a.actor === b.actor &&
  a.time.column === b.time.column &&
  JSON.stringify(a.event) === JSON.stringify(b.event);

/** Mappings that fit the data, best first, each with its reasons. */
export function CandidateList({ inspection, current, onChoose }: CandidateListProps): ReactElement {
  const { candidates, tables } = inspection;
  const rowsOf = (name: string): number | null => tables.find((t) => t.name === name)?.rows ?? null;
  return (
    <>
      <h2 className={classes.section}>Proposals</h2>
      {candidates.length === 0 && (
        <p className={classes.muted}>No table looks like events by itself: say how in the middle.</p>
      )}
      <ul className={classes.candidates}>
        {candidates.map((candidate) => {
          const { mapping } = candidate;
          const rows = rowsOf(mapping.table);
          return (
            <li key={JSON.stringify(mapping)}>
              <UnstyledButton
                className={classes.candidate}
                aria-pressed={sameParts(mapping, current)}
                onClick={() => onChoose(candidate)}
              >
                <span className={classes.candidateHead}>
                  <b>{mapping.table}</b>
                  <span className={classes.muted}>{rows === null ? 'view' : formatUnits(rows, 'row')}</span>
                </span>
                <span className={classes.parts}>
                  {mapping.actor} · {'column' in mapping.event ? mapping.event.column : `“${mapping.event.constant}”`} ·{' '}
                  {mapping.time.column}
                </span>
                {candidate.reasons.map((reason) => (
                  <span key={reason} className={classes.reason}>
                    {reason}
                  </span>
                ))}
              </UnstyledButton>
            </li>
          );
        })}
      </ul>
    </>
  );
}
