import { CircleSlash, Filter, Flag, GitBranch, MoreHorizontal, Play, Route, Users } from 'lucide-react';
import { useMemo, useState, type ReactElement, type RefObject } from 'react';
import type { FlowQuery, FlowResult } from '../../../protocol/index.ts';
import { Sankey, type Anchor } from '../../charts/Sankey.tsx';
import type { SankeyTarget } from '../../charts/sankey-graph.ts';
import { useSession } from '../../stores/session.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatUnits } from '../../widgets/format.ts';
import { useEventColors } from '../editors/use-event-colors.ts';
import { ActionMenu, type Action } from '../parts/ActionMenu.tsx';
import { useActors } from '../parts/use-actors.ts';
import { BranchBar } from './BranchBar.tsx';
import { extendBranch } from './branch.ts';
import { getActorCount, getFlowSelection, getFunnelOfBranch, withOnly, withoutEvent } from './flow-actions.ts';
import { getBranchNames, getFlowPicture, getFlowTip, getTargetTitle, type FlowPicture } from './flow-graph.ts';
import classes from './flow.module.css';
import type { ChangeFlow } from './use-flow.ts';

export interface FlowChartProps {
  readonly flow: FlowQuery;
  readonly result: FlowResult;
  readonly change: ChangeFlow;
  readonly svg: RefObject<SVGSVGElement | null>;
}

/** The Sankey of a flow; whatever is chosen in it opens a menu of what can be done with it. */
export function FlowChart({ flow, result, change, svg }: FlowChartProps): ReactElement {
  const colorOf = useEventColors();
  const picture = useMemo(() => getFlowPicture(result, colorOf), [result, colorOf]);
  const [chosen, setChosen] = useState<{ target: SankeyTarget; at: Anchor } | null>(null);
  const path = useChosenPath(picture);
  const groups = useFlowActions(picture, flow, change, chosen?.target ?? null, path.extend);
  const showActors = useActors<'flow'>(flow);
  const events = useSession((s) => s.vocabulary)?.events;
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Escape from anywhere inside lets the path go
    <div
      className={classes.flow}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || path.ids.length === 0) return;
        event.stopPropagation();
        path.clear();
      }}
    >
      <Sankey
        ref={svg}
        graph={picture.graph}
        total={result.pathCount}
        columnTitles={picture.columnTitles}
        label={`Flow of ${formatUnits(result.pathCount, 'path')} of ${formatUnits(result.actorCount, 'actor')} over ${picture.columnTitles.length} steps`}
        tip={(target) => getFlowTip(picture, target)}
        onSelect={(target, at, extend) => {
          if (!extend || !path.extend(target)) setChosen({ target, at });
        }}
        selected={chosen?.target.kind === 'node' ? [...path.ids, chosen.target.id] : path.ids}
      />
      {chosen === null ? null : (
        <ActionMenu
          at={chosen.at}
          title={getTargetTitle(picture, chosen.target)}
          groups={groups}
          onClose={() => setChosen(null)}
        />
      )}
      {path.ids.length === 0 ? null : (
        <BranchBar
          names={path.names}
          onActors={() => showActors({ branch: [...path.names] }, path.names.join(' → '))}
          onFunnel={() =>
            buildFunnel(
              flow,
              path.names,
              (events ?? []).map((e) => e.name),
            )
          }
          onClear={path.clear}
        />
      )}
    </div>
  );
}

/** The path chosen by Shift+click or Shift+Enter, of the answer on screen. */
interface ChosenPath {
  readonly ids: readonly string[];
  readonly names: readonly string[];
  /** False where the target is no part of a path. */
  readonly extend: (target: SankeyTarget) => boolean;
  readonly clear: () => void;
}
function useChosenPath(picture: FlowPicture): ChosenPath {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  // Another answer may no longer have the path.
  const ids = chosen.every((id) => picture.nodes.has(id)) ? chosen : [];
  return {
    ids,
    names: ids.map((id) => picture.nodes.get(id)?.name ?? ''),
    extend: (target) => {
      const next = extendBranch(picture.graph, ids, target);
      if ((target.kind !== 'node' && target.kind !== 'link') || !next.every((id) => picture.nodes.has(id)))
        return false;
      setChosen(next);
      return true;
    },
    clear: () => setChosen([]),
  };
}

const ICON = 14;
function useFlowActions(
  picture: FlowPicture,
  flow: FlowQuery,
  change: ChangeFlow,
  target: SankeyTarget | null,
  extend: (target: SankeyTarget) => boolean,
): readonly (readonly Action[])[] {
  const showActors = useActors<'flow'>(flow);
  const events = useSession((s) => s.vocabulary)?.events;
  if (target === null) return [];
  const names = (events ?? []).map((e) => e.name);
  const selection = getFlowSelection(picture, target);
  const title = getTargetTitle(picture, target);
  const count = getActorCount(picture, target);
  const branch = getBranchNames(picture, target);
  const text = branch.join(' → ');
  const show: Action[] =
    selection === null
      ? []
      : [
          {
            label: count === null ? 'Show the actors' : `Show ${formatUnits(count, 'actor')}`,
            icon: <Users size={ICON} />,
            run: () => showActors(selection, title),
          },
        ];
  if (target.kind === 'continues')
    show.push({
      label: 'Show more steps',
      icon: <MoreHorizontal size={ICON} />,
      run: () => change((old) => ({ ...old, maxSteps: Math.min(50, old.maxSteps + 3) }), 'Show more steps'),
    });
  if (target.kind === 'remainderOut' || target.kind === 'remainderIn' || (target.kind === 'node' && selection === null))
    show.push({
      label: 'Show more links',
      icon: <MoreHorizontal size={ICON} />,
      run: () =>
        change((old) => ({ ...old, edgeLimit: old.edgeLimit === null ? null : old.edgeLimit * 2 }), 'Show more links'),
    });
  if ((target.kind !== 'node' && target.kind !== 'link') || selection === null) return [show];
  const whole: Action[] = [
    {
      label: `Show the actors of the whole branch: ${text}`,
      icon: <GitBranch size={ICON} />,
      run: () => showActors({ branch: [...branch] }, text),
    },
    {
      label: 'Choose as a path to extend',
      note: 'Shift+click',
      icon: <Route size={ICON} />,
      run: () => void extend(target),
    },
    { label: `Build a funnel from ${text}`, icon: <Filter size={ICON} />, run: () => buildFunnel(flow, branch, names) },
    {
      label: 'Only the events of this branch',
      icon: <CircleSlash size={ICON} />,
      run: () => change((old) => withOnly(old, branch, names), 'Only the events of a branch'),
    },
  ];
  const name = picture.nodes.get(target.id)?.name;
  if (target.kind === 'link' || name === undefined) return [show, whole];
  const single: Action[] = [
    {
      label: `Start paths at ${name}`,
      icon: <Play size={ICON} />,
      run: () => change((old) => ({ ...old, startAt: name }), 'Change the start'),
    },
    {
      label: `End paths at ${name}`,
      icon: <Flag size={ICON} />,
      run: () => change((old) => ({ ...old, endAt: name }), 'Change the end'),
    },
    {
      label: `Leave out ${name}`,
      icon: <CircleSlash size={ICON} />,
      run: () => change((old) => withoutEvent(old, name), 'Leave out an event'),
    },
  ];
  return [show, whole, single];
}

function buildFunnel(flow: FlowQuery, branch: readonly string[], events: readonly string[]): void {
  const workspace = useWorkspace.getState();
  const funnel = getFunnelOfBranch(flow, branch, events);
  workspace.change(
    (document) => ({ ...document, analyses: { ...document.analyses, funnel } }),
    'Build a funnel from a flow',
  );
  workspace.setView('funnel');
}
