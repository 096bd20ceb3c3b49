import { useMemo, type ReactElement } from 'react';
import {
  DEFAULT_JOURNEY,
  JourneySchema,
  RollupSchema,
  type AnalysisType,
  type FunnelQuery,
  type FunnelResult,
  type JourneyQuery,
  type JourneyResult,
  type RollupQuery,
  type RollupResult,
} from '../../../protocol/index.ts';
import { useSession } from '../../stores/session.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatCount, formatShare } from '../../widgets/format.ts';
import { Card } from '../../widgets/layout.tsx';
import { ErrorPanel, SkeletonRows } from '../../widgets/states.tsx';
import { SemanticsLine } from '../editors/SemanticsLine.tsx';
import { getInitialFunnel } from '../funnel/initial-funnel.ts';
import { fitsVocabulary } from '../journey/journey-model.ts';
import { PlainTable } from '../parts/PlainTable.tsx';
import { useActors } from '../parts/use-actors.ts';
import { getEventRows, getStageRows, getStepRows, type ComparedRow } from './compared-rows.ts';
import { useTwoAnswers, type TwoAnswers } from './use-two-answers.ts';
import classes from './compare.module.css';

export interface TwoSources {
  /** Ids: the source of the workspace first. */
  readonly sources: readonly [string, string];
  readonly names: readonly [string, string];
}

/** The workspace's funnel, without its breakdown. */
export function ComparedFunnel(props: TwoSources): ReactElement {
  const own = useWorkspace((s) => s.document.analyses['funnel']);
  const { source, vocabulary } = useSession();
  const funnel = useMemo<FunnelQuery>(
    () => ({
      ...(own?.type === 'funnel' ? own : getInitialFunnel(vocabulary, source)),
      breakdown: null,
      viz: 'steps',
    }),
    [own, vocabulary, source],
  );
  const answers = useTwoAnswers<'funnel'>(funnel, props.sources);
  const showActors = useActors<'funnel'>(funnel);
  return (
    <ComparedCard<'funnel'>
      {...props}
      title="Funnel"
      first="Step"
      answers={answers}
      rowsOf={(both: readonly [FunnelResult, FunnelResult]) => getStepRows(both)}
      onRow={(row, index) => showActors({ reachedStep: index }, `Reached ${row.name}`)}
    />
  );
}

export function ComparedStages(props: TwoSources): ReactElement | null {
  const own = useWorkspace((s) => s.document.analyses['journey']);
  const vocabulary = useSession((s) => s.vocabulary);
  const model = own?.type === 'journey' ? own.model : DEFAULT_JOURNEY;
  return fitsVocabulary(model, vocabulary) ? <Stages {...props} model={model} /> : null;
}
function Stages({ model, ...props }: TwoSources & { readonly model: JourneyQuery['model'] }): ReactElement {
  const journey = useMemo(() => JourneySchema.parse({ type: 'journey', model, maxSteps: 2 }), [model]);
  const answers = useTwoAnswers<'journey'>(journey, props.sources);
  const showActors = useActors<'journey'>(journey);
  return (
    <ComparedCard<'journey'>
      {...props}
      title="Stages"
      first="Stage"
      answers={answers}
      rowsOf={(both: readonly [JourneyResult, JourneyResult]) => getStageRows(both)}
      onRow={(row) => showActors({ state: row.name }, `In ${row.name}`)}
    />
  );
}

const EVENTS: RollupQuery = RollupSchema.parse({ type: 'rollup', by: '$event', interval: 'total', limit: 1_000 });
export function ComparedEvents(props: TwoSources): ReactElement {
  const answers = useTwoAnswers<'rollup'>(EVENTS, props.sources);
  const showActors = useActors<'rollup'>(EVENTS);
  return (
    <ComparedCard<'rollup'>
      {...props}
      title="Events by type"
      first="Event"
      answers={answers}
      rowsOf={(both: readonly [RollupResult, RollupResult]) => getEventRows(both)}
      onRow={(row) => showActors({ series: row.name }, row.name)}
    />
  );
}

interface ComparedCardProps<T extends AnalysisType> extends TwoSources {
  readonly title: string;
  /** Head of the first column. */
  readonly first: string;
  readonly answers: TwoAnswers<T>;
  readonly rowsOf: (both: NonNullable<TwoAnswers<T>['both']>) => readonly ComparedRow[];
  /** Opens the actors of the first source: lists are of the source that is open. */
  readonly onRow: (row: ComparedRow, index: number) => void;
}
function ComparedCard<T extends AnalysisType>({
  title,
  first,
  names,
  answers,
  rowsOf,
  onRow,
}: ComparedCardProps<T>): ReactElement {
  const { both, stale, error, retry } = answers;
  const rows = both === null ? null : rowsOf(both);
  return (
    <Card title={title}>
      <div data-stale={stale || undefined} className={classes.table}>
        {error !== null ? (
          <ErrorPanel error={error} title="The two could not be compared" onRetry={retry} />
        ) : rows === null ? (
          <SkeletonRows rows={5} />
        ) : (
          <PlainTable
            label={title}
            rows={rows}
            keyOf={(row, i) => `${i} ${row.name}`}
            onRow={(row) => onRow(row, rows.indexOf(row))}
            columns={[
              { title: first, cell: (row) => row.name },
              { title: names[0], numeric: true, cell: (row) => <Count row={row} of={0} /> },
              { title: names[1], numeric: true, cell: (row) => <Count row={row} of={1} /> },
              { title: 'Difference', numeric: true, cell: (row) => <Difference row={row} /> },
            ]}
          />
        )}
      </div>
      <SemanticsLine answer={both?.[0] ?? null} />
    </Card>
  );
}

function Count({ row, of }: { readonly row: ComparedRow; readonly of: 0 | 1 }): ReactElement {
  const share = row.shares[of];
  return (
    <>
      {formatCount(row.counts[of])}
      <span className={classes.share}>{Number.isFinite(share) ? formatShare(share) : '–'}</span>
    </>
  );
}

function Difference({ row }: { readonly row: ComparedRow }): ReactElement {
  const difference = row.counts[1] - row.counts[0];
  return (
    <span className={difference === 0 ? classes.same : undefined}>
      {difference === 0 ? '±0' : `${difference > 0 ? '+' : '−'}${formatCount(Math.abs(difference))}`}
    </span>
  );
}
