import { SegmentedControl, Select } from '@mantine/core';
import { useMemo, useRef, type ReactElement } from 'react';
import { TRANSITION_MEASURES } from '../../../protocol/index.ts';
import type { ChartHandle } from '../../charts/Chart.tsx';
import { useAnswer } from '../../stores/answers.ts';
import { getTitle } from '../../widgets/export-file.ts';
import { formatUnits } from '../../widgets/format.ts';
import { ViewLayout } from '../../widgets/layout.tsx';
import { Rules } from '../parts/Rules.tsx';
import { AnalysisBody } from '../parts/AnalysisBody.tsx';
import { AnalysisExport } from '../parts/AnalysisExport.tsx';
import { getSvgPicture } from '../parts/svg-picture.ts';
import { useTab } from '../parts/use-tab.ts';
import { FlowChart } from './FlowChart.tsx';
import { getName, NoPaths, type PageProps } from './flow-page.tsx';
import { FlowRules } from './FlowRules.tsx';
import { StepMatrixPage } from './StepMatrixPage.tsx';
import { MEASURE_TEXT, type Measure } from './transitions-chart.ts';
import { TransitionsTab } from './TransitionsTab.tsx';
import { useFlow, useTransitions, useVariants } from './use-flow.ts';
import { VariantsTab } from './VariantsTab.tsx';

const TABS = ['flow', 'transitions', 'matrix', 'variants'] as const;
type Tab = (typeof TABS)[number];
const TAB_TEXT: Readonly<Record<Tab, string>> = {
  flow: 'Sankey',
  transitions: 'Transitions',
  matrix: 'Step matrix',
  variants: 'Variants',
};

/** Which ways people take: step by step, pair by pair, whole. */
export function FlowView(): ReactElement {
  const [tab, setTab] = useTab<Tab>('flow', TABS);
  const [flow, change] = useFlow();
  const tabs = (
    <SegmentedControl
      aria-label="Picture"
      data={TABS.map((value) => ({ value, label: TAB_TEXT[value] }))}
      value={tab}
      onChange={setTab}
    />
  );
  return (
    <>
      <Rules>
        <FlowRules flow={flow} change={change} shows={tab === 'flow' || tab === 'matrix' ? tab : 'pairs'} />
      </Rules>
      {tab === 'flow' ? (
        <SankeyPage flow={flow} change={change} tabs={tabs} />
      ) : tab === 'transitions' ? (
        <TransitionsPage flow={flow} change={change} tabs={tabs} />
      ) : tab === 'matrix' ? (
        <StepMatrixPage flow={flow} change={change} tabs={tabs} />
      ) : (
        <VariantsPage flow={flow} change={change} tabs={tabs} />
      )}
    </>
  );
}

function SankeyPage({ flow, change, tabs }: PageProps): ReactElement {
  const answer = useAnswer<'flow'>('flow', flow, { moving: 'counts' });
  const svg = useRef<SVGSVGElement>(null);
  const { result } = answer;
  const hasResult = result !== null;
  const actions = useMemo(
    () => (
      <>
        {tabs}
        <AnalysisExport
          name={getName(flow, 'flow')}
          analysis={flow}
          picture={() => getSvgPicture(svg.current, getTitle(getName(flow, 'flow')))}
          disabled={!hasResult}
        />
      </>
    ),
    [tabs, flow, hasResult],
  );
  return (
    <ViewLayout
      title="Flow"
      note={
        result === null
          ? null
          : `${formatUnits(result.pathCount, 'path')} of ${formatUnits(result.actorCount, 'actor')}${result.remainder.edges === 0 ? '' : ` · ${formatUnits(result.remainder.edges, 'rare link')} in the remainder`}`
      }
      actions={actions}
    >
      <AnalysisBody
        answer={answer}
        errorTitle="The flow could not be computed"
        isEmpty={(r) => r.nodes.length === 0}
        empty={<NoPaths flow={flow} change={change} />}
      >
        {(r) => <FlowChart flow={flow} result={r} change={change} svg={svg} />}
      </AnalysisBody>
    </ViewLayout>
  );
}

function TransitionsPage({ flow, change, tabs }: PageProps): ReactElement {
  const [transitions, changeOwn] = useTransitions(flow);
  const answer = useAnswer<'transitions'>('flow.transitions', transitions);
  const chart = useRef<ChartHandle>(null);
  return (
    <ViewLayout
      title="Flow"
      note={
        answer.result === null
          ? null
          : `${formatUnits(answer.result.edgeCount, 'transition')} of ${formatUnits(answer.result.actorCount, 'actor')}`
      }
      actions={
        <>
          <Select
            aria-label="Measure"
            w={152}
            data={TRANSITION_MEASURES.map((value) => ({ value, label: MEASURE_TEXT[value] }))}
            value={transitions.measure}
            allowDeselect={false}
            onChange={(measure) => changeOwn((old) => ({ ...old, measure: measure as Measure }), 'Change the measure')}
          />
          {tabs}
          <AnalysisExport
            name="transitions"
            analysis={transitions}
            picture={() => chart.current}
            disabled={answer.result === null}
          />
        </>
      }
    >
      <AnalysisBody
        answer={answer}
        errorTitle="The transitions could not be computed"
        isEmpty={(r) => r.edges.length === 0}
        empty={<NoPaths flow={flow} change={change} />}
      >
        {(r) => <TransitionsTab analysis={transitions} result={r} ref={chart} />}
      </AnalysisBody>
    </ViewLayout>
  );
}

function VariantsPage({ flow, change, tabs }: PageProps): ReactElement {
  const variants = useVariants(flow);
  const answer = useAnswer<'variants'>('flow.variants', variants);
  return (
    <ViewLayout
      title="Flow"
      note={
        answer.result === null
          ? null
          : `${formatUnits(answer.result.variantCount, 'variant')} of ${formatUnits(answer.result.actorCount, 'actor')}`
      }
      actions={
        <>
          {tabs}
          <AnalysisExport name="variants" analysis={variants} disabled={answer.result === null} />
        </>
      }
    >
      <AnalysisBody
        answer={answer}
        errorTitle="The variants could not be computed"
        isEmpty={(r) => r.variants.length === 0}
        empty={<NoPaths flow={flow} change={change} />}
      >
        {(r) => <VariantsTab analysis={variants} result={r} />}
      </AnalysisBody>
    </ViewLayout>
  );
}
