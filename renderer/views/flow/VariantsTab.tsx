import type { ReactElement } from 'react';
import type { VariantsQuery, VariantsResult } from '../../../protocol/index.ts';
import { formatCount, formatShare } from '../../widgets/format.ts';
import { useEventColors } from '../editors/use-event-colors.ts';
import { PlainTable } from '../parts/PlainTable.tsx';
import { useActors } from '../parts/use-actors.ts';
import classes from './flow.module.css';

/** Whole sequences by number of actors. Long ones show their beginning and end. */
export function VariantsTab({
  analysis,
  result,
}: {
  readonly analysis: VariantsQuery;
  readonly result: VariantsResult;
}): ReactElement {
  const colorOf = useEventColors();
  const showActors = useActors<'variants'>(analysis);
  const most = result.variants[0]?.actors ?? 1;
  return (
    <PlainTable
      label="Variants"
      rows={result.variants}
      keyOf={(variant) => variant.sequence.join('\u0000')}
      onRow={(variant) => showActors({ sequence: [...variant.sequence] }, getSequenceText(variant.sequence))}
      columns={[
        { title: '#', width: 40, cell: (_, i) => i + 1 },
        { title: 'Actors', numeric: true, width: 72, cell: (variant) => formatCount(variant.actors) },
        {
          title: 'Share',
          numeric: true,
          width: 64,
          cell: (variant) => formatShare(variant.actors / result.actorCount),
        },
        {
          title: '',
          width: 96,
          cell: (variant) => <span className={classes.bar} style={{ width: `${(variant.actors / most) * 100}%` }} />,
        },
        { title: 'Events', numeric: true, width: 56, cell: (variant) => variant.sequence.length },
        {
          title: 'Sequence',
          cell: (variant) => (
            <span className={classes.sequence} title={variant.sequence.join(' → ')}>
              {getShownSequence(variant.sequence).map((name, i) => (
                // oxlint-disable-next-line react/no-array-index-key -- the same event may stand twice
                <span key={i}>
                  <i style={{ background: colorOf(name) }} />
                  {name}
                </span>
              ))}
            </span>
          ),
        },
      ]}
    />
  );
}

const SHOWN = 12;
/** Beginning and end of a long sequence with `… 20 more …` between. */
export function getShownSequence(sequence: readonly string[]): readonly string[] {
  if (sequence.length <= SHOWN) return sequence;
  return [...sequence.slice(0, SHOWN - 3), `… ${sequence.length - SHOWN + 1} more …`, ...sequence.slice(-2)];
}
const getSequenceText = (sequence: readonly string[]): string => getShownSequence(sequence).join(' → ');
