import { useCallback, useMemo, useRef, useState, type ReactElement } from 'react';
import type { FunnelQuery, FunnelSelection } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { effectiveAnalysis, useAnswer } from '../../stores/answers.ts';
import { usePanel } from '../../stores/panel.ts';
import { useSession } from '../../stores/session.ts';
import { useAnalysis, useWorkspace } from '../../stores/workspace.ts';
import { getCliCommand } from '../../widgets/cli-command.ts';
import { getSpanName } from '../../widgets/export-file.ts';
import { ExportMenu } from '../../widgets/ExportMenu.tsx';
import { ViewLayout } from '../../widgets/layout.tsx';
import { AnswerState } from '../../widgets/states.tsx';
import { SemanticsLine } from '../editors/SemanticsLine.tsx';
import type { FigureHandle } from '../editors/SvgFigure.tsx';
import { useCommands } from '../frame/command-registry.ts';
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

/** The funnel of the workspace: rules on the right, the answer here. */
export function FunnelView(): ReactElement {
  const vocabulary = useSession((s) => s.vocabulary);
  const source = useSession((s) => s.source);
  const [funnel, change] = useAnalysis<'funnel'>('funnel', () => getInitialFunnel(vocabulary, source));
  useCommands(useMemo(() => getFunnelCommands(change), [change]));
  const effective = useEffective(funnel);
  const answer = useAnswer<'funnel'>('funnel', funnel);
  const answered = useAnswered(effective, answer.status === 'ready' && !answer.stale);
  const ruleChange = useRuleChange(answered, source?.sourceId ?? null);
  const figure = useRef<FigureHandle>(null);
  const open = useCallback(
    (selection: FunnelSelection, title: string) =>
      usePanel.getState().showActors({ analysis: effective, selection, title }),
    [effective],
  );

  const menu = (
    <ExportMenu
      name={`${funnel.viz === 'steps' ? 'funnel' : funnel.viz === 'trend' ? 'funnel trend' : 'time to convert'} ${getSpanName(getStepNames(funnel))}`}
      disabled={answer.result === null}
      getPng={() => required(figure.current).getPng()}
      getSvg={() => required(figure.current).getSvg()}
      getCsv={() => engine.csv({ analysis: effective })}
      analysis={effective}
      cliCommand={source === null ? '' : getCliCommand(source.ref, effective)}
    />
  );
  return (
    <ViewLayout
      title="Funnel"
      semantics={
        <>
          <SemanticsLine answer={answer.result} />
          {ruleChange.change !== null && <RuleChangeLine change={ruleChange.change} onDismiss={ruleChange.dismiss} />}
        </>
      }
      actions={<FunnelControls funnel={funnel} onChange={change} menu={menu} />}
    >
      <RulesSlot>
        <div className={classes.rules}>
          <FunnelRules funnel={funnel} onChange={change} />
        </div>
      </RulesSlot>
      <AnswerState answer={answer} errorTitle="The funnel could not be computed">
        {(result) => (
          <FunnelPicture
            ref={figure}
            funnel={answer.stale ? (answered ?? funnel) : funnel}
            result={result}
            onOpen={open}
            onChange={change}
          />
        )}
      </AnswerState>
    </ViewLayout>
  );
}

/** The document as it is asked, with the workspace's frame. */
function useEffective(funnel: FunnelQuery): FunnelQuery {
  const { timezone, range, asOf, knownAt } = useWorkspace((s) => s.document);
  return useMemo(
    () => effectiveAnalysis(funnel, { timezone, range, asOf, knownAt }),
    [funnel, timezone, range, asOf, knownAt],
  );
}

/** The document whose answer is on the screen: the newest one that was answered. */
function useAnswered(effective: FunnelQuery, ready: boolean): FunnelQuery | null {
  const [answered, setAnswered] = useState<FunnelQuery | null>(ready ? effective : null);
  if (ready && answered !== effective) setAnswered(effective);
  return ready ? effective : answered;
}

function required(figure: FigureHandle | null): FigureHandle {
  if (figure === null) throw new Error('There is no chart to export yet.');
  return figure;
}
