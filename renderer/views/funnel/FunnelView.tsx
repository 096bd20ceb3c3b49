import { useCallback, useMemo, useRef, type ReactElement, type RefObject } from 'react';
import type { Detail, FunnelQuery, FunnelSelection } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { effectiveAnalysis, firstQuestions, useAnswer, useAtRest } from '../../stores/answers.ts';
import { useFrame } from '../../stores/frame.ts';
import { usePanel } from '../../stores/panel.ts';
import { useSession } from '../../stores/session.ts';
import { useAnalysis, useWorkspace } from '../../stores/workspace.ts';
import { getCliCommand } from '../../widgets/cli-command.ts';
import { getSpanName, getTitle } from '../../widgets/export-file.ts';
import { ExportMenu } from '../../widgets/ExportMenu.tsx';
import { ViewLayout } from '../../widgets/layout.tsx';
import { AnswerState } from '../../widgets/states.tsx';
import { SemanticsLine } from '../editors/SemanticsLine.tsx';
import type { FigureHandle } from '../editors/SvgFigure.tsx';
import { useCommands } from '../frame/command-registry.ts';
import { openAsSql } from '../parts/open-as-sql.ts';
import { RulesSlot } from '../frame/RulesSlot.tsx';
import { FunnelControls } from './FunnelControls.tsx';
import { FunnelPicture } from './FunnelPicture.tsx';
import { FunnelRules } from './FunnelRules.tsx';
import { getFunnelCommands } from './funnel-commands.ts';
import { getStepNames } from './funnel-text.ts';
import { getInitialFunnel } from './initial-funnel.ts';
import { RuleChangeLine } from './RuleChangeLine.tsx';
import { useRuleChange } from './use-rule-change.ts';
import classes from './funnel.module.css';

firstQuestions.set('funnel', () => {
  const { vocabulary, source } = useSession.getState();
  const { funnel } = useWorkspace.getState().document.analyses;
  const analysis = funnel?.type === 'funnel' ? funnel : getInitialFunnel(vocabulary, source);
  return { key: 'funnel', analysis, first: getFirst(analysis) };
});
/** Steps without their times are enough for the eye at first, and while a hand moves. */
const getFirst = ({ viz }: FunnelQuery): Detail => (viz === 'steps' ? 'counts' : 'full');

/** The funnel of the workspace: rules on the right, the answer here. */
export function FunnelView(): ReactElement {
  const vocabulary = useSession((s) => s.vocabulary);
  const source = useSession((s) => s.source);
  const [funnel, change] = useAnalysis<'funnel'>('funnel', () => getInitialFunnel(vocabulary, source));
  useCommands(useMemo(() => getFunnelCommands(change), [change]));
  const first = getFirst(funnel);
  const answer = useAnswer<'funnel'>('funnel', funnel, { moving: first, first });
  const { result, of } = answer;
  const ruleChange = useRuleChange(useAtRest(of), source?.sourceId ?? null);
  const figure = useRef<FigureHandle>(null);
  const open = useCallback(
    (selection: FunnelSelection, title: string) => {
      if (of !== null) usePanel.getState().showActors({ analysis: of, selection, title });
    },
    [of],
  );
  const hasResult = result !== null;
  const actions = useMemo(
    () => (
      <FunnelControls
        funnel={funnel}
        onChange={change}
        menu={<FunnelExport funnel={funnel} figure={figure} disabled={!hasResult} />}
      />
    ),
    [funnel, change, hasResult],
  );
  const rules = useMemo(
    () => (
      <div className={classes.rules}>
        <FunnelRules funnel={funnel} onChange={change} />
      </div>
    ),
    [funnel, change],
  );
  return (
    <ViewLayout
      title="Funnel"
      semantics={
        <div className={classes.semantics}>
          <SemanticsLine answer={result} />
          {ruleChange.change !== null && <RuleChangeLine change={ruleChange.change} onDismiss={ruleChange.dismiss} />}
        </div>
      }
      actions={actions}
    >
      <RulesSlot>{rules}</RulesSlot>
      <AnswerState answer={answer} errorTitle="The funnel could not be computed">
        {(shown) => (
          <FunnelPicture
            ref={figure}
            funnel={answer.stale ? (of ?? funnel) : funnel}
            result={shown}
            onOpen={open}
            onChange={change}
          />
        )}
      </AnswerState>
    </ViewLayout>
  );
}

interface FunnelExportProps {
  readonly funnel: FunnelQuery;
  readonly figure: RefObject<FigureHandle | null>;
  readonly disabled: boolean;
}
function FunnelExport({ funnel, figure, disabled }: FunnelExportProps): ReactElement {
  const source = useSession((s) => s.source);
  const frame = useFrame();
  const effective = useMemo(() => effectiveAnalysis(funnel, frame), [funnel, frame]);
  const name = `${NAMES[funnel.viz]} ${getSpanName(getStepNames(funnel))}`;
  return (
    <ExportMenu
      name={name}
      disabled={disabled}
      getPng={() => required(figure.current).getPng(getTitle(name))}
      getSvg={() => required(figure.current).getSvg(getTitle(name))}
      getCsv={() => engine.csv({ analysis: effective })}
      analysis={effective}
      getCliCommand={() => (source === null ? '' : getCliCommand(source.ref, effective))}
      openSql={() => openAsSql(name, effective)}
    />
  );
}
const NAMES: Readonly<Record<FunnelQuery['viz'], string>> = {
  steps: 'funnel',
  timeToConvert: 'time to convert',
  trend: 'funnel trend',
};

function required(figure: FigureHandle | null): FigureHandle {
  if (figure === null) throw new Error('There is no chart to export yet.');
  return figure;
}
