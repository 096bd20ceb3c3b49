import { ActionIcon, Button, CopyButton } from '@mantine/core';
import { ArrowLeft, Check, ChevronDown, ChevronUp, Copy } from 'lucide-react';
import { useMemo, useState, type ReactElement } from 'react';
import type { Timeline } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { usePanel, type TimelineContent } from '../../stores/panel.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatCount, formatUnits } from '../../widgets/format.ts';
import { formatInstant } from '../../widgets/zoned-time.ts';
import { ErrorPanel, SkeletonRows } from '../../widgets/states.tsx';
import { getMatchLabel } from '../editors/event-match.ts';
import { useEventColors } from '../editors/use-event-colors.ts';
import { useActorCursor } from './actor-cursor.ts';
import { PartialNote } from './PartialNote.tsx';
import { DeadlineRow, StageNow } from './TimelineMoves.tsx';
import { TimelineEventRow } from './TimelineEventRow.tsx';
import { getTimelineRows, type TimelineRow } from './timeline-rows.ts';
import { useTimeline } from './use-timeline.ts';
import classes from './actors.module.css';

/** "Why not counted?" One actor's events, with what the analysis made of each. */
export function TimelinePanel({ content }: { content: TimelineContent }): ReactElement {
  const { timeline, error, loading, more, retry } = useTimeline(content);
  const workspaceZone = useWorkspace((s) => s.document.timezone);
  const zone = content.analysis?.timezone ?? workspaceZone;
  const left = timeline === null ? 0 : timeline.totalEvents - timeline.offset - timeline.events.length;
  return (
    <section className={classes.panel} aria-label={`Timeline of ${content.actor}`}>
      <Head content={content} />
      {timeline?.partial !== undefined && <PartialNote partial={timeline.partial} />}
      {timeline !== null && (
        <Why
          timeline={timeline}
          steps={content.analysis?.type === 'funnel' ? content.analysis.steps.length : 0}
          zone={zone}
        />
      )}
      {error !== null && <ErrorPanel error={error} title="The timeline could not be read" onRetry={retry} />}
      {timeline === null && loading && <SkeletonRows rows={10} height={36} />}
      {timeline !== null && (
        <div className={classes.story}>
          <Story timeline={timeline} content={content} zone={zone} complete={left === 0} />
          {left > 0 && (
            <Button className={classes.more} loading={loading} onClick={more}>
              Show more, {formatUnits(left, 'event')} left
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

function Head({ content }: { content: TimelineContent }): ReactElement {
  const list = usePanel((s) => s.trail.find((c) => c.kind === 'actors'));
  const { index, total, search } = useActorCursor();
  const panel = usePanel.getState();
  const go = async (to: number): Promise<void> => {
    if (list?.kind !== 'actors') return;
    const page = await engine.actors({
      analysis: list.analysis,
      selection: list.selection,
      offset: to,
      limit: 1,
      ...(search === '' ? {} : { search }),
    });
    const actor = page.rows[0]?.actor;
    if (actor === undefined) return;
    useActorCursor.getState().set({ index: to, total, search });
    panel.showTimeline({ actor, analysis: content.analysis });
  };
  // A list that can no longer be asked shows its own error when one goes back to it.
  const step = (to: number): void => void go(to).catch(() => panel.back());
  return (
    <header className={classes.head}>
      <div className={classes.actorLine}>
        {list !== undefined && (
          <ActionIcon aria-label="Back to the list" onClick={() => panel.back()}>
            <ArrowLeft size={14} />
          </ActionIcon>
        )}
        <h2 className={classes.actor} title={content.actor}>
          {content.actor}
        </h2>
        <CopyButton value={content.actor}>
          {({ copied, copy }) => (
            <ActionIcon aria-label={copied ? 'Copied' : 'Copy the id'} onClick={copy}>
              {copied ? <Check size={13} /> : <Copy size={13} />}
            </ActionIcon>
          )}
        </CopyButton>
        {list !== undefined && index !== null && (
          <>
            <ActionIcon aria-label="Previous actor" disabled={index === 0} onClick={() => step(index - 1)}>
              <ChevronUp size={14} />
            </ActionIcon>
            <ActionIcon aria-label="Next actor" disabled={index >= total - 1} onClick={() => step(index + 1)}>
              <ChevronDown size={14} />
            </ActionIcon>
          </>
        )}
      </div>
      {list?.kind === 'actors' && index !== null && (
        <p className={classes.note}>
          {formatCount(index + 1)} of {formatCount(total)} · {list.title}
        </p>
      )}
    </header>
  );
}

function Why({ timeline, steps, zone }: { timeline: Timeline; steps: number; zone: string }): ReactElement {
  const { funnel } = timeline;
  const facts = [formatUnits(timeline.totalEvents, 'event')];
  if (funnel !== undefined) facts.push(formatUnits(funnel.attempts, 'attempt'));
  if (funnel !== undefined && funnel.voidAttempts > 0) facts.push(`${formatCount(funnel.voidAttempts)} void`);
  if (funnel !== undefined && funnel.windowEndsAt !== null)
    facts.push(`window closed ${formatInstant(funnel.windowEndsAt, zone)}`);
  facts.push(zone);
  return (
    <div className={classes.why}>
      {funnel !== undefined && (
        <>
          <p className={classes.whyTitle}>
            {funnel.level === 0
              ? 'Did not enter'
              : funnel.level === steps
                ? 'Reached the last step'
                : `Reached step ${funnel.level} of ${steps}`}
          </p>
          <p>{funnel.reason}</p>
        </>
      )}
      {timeline.journey !== undefined && <StageNow moves={timeline.journey.moves} zone={zone} />}
      <p className={classes.facts}>
        {facts.map((fact) => (
          <span key={fact} className={classes.nowrap}>
            {fact}
          </span>
        ))}
      </p>
    </div>
  );
}

interface StoryProps {
  readonly timeline: Timeline;
  readonly content: TimelineContent;
  readonly zone: string;
  readonly complete: boolean;
}
function Story({ timeline, content, zone, complete }: StoryProps): ReactElement {
  const colorOf = useEventColors();
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const rows = useMemo(
    () =>
      getTimelineRows(
        timeline.events,
        { windowEndsAt: timeline.funnel?.windowEndsAt ?? null, moves: timeline.journey?.moves ?? [] },
        complete,
        zone,
      ),
    [timeline, complete, zone],
  );
  const funnel = content.analysis?.type === 'funnel' ? content.analysis : null;
  const toggle = (index: number): void => {
    const next = new Set(open);
    if (!next.delete(index)) next.add(index);
    setOpen(next);
  };
  const draw = (row: TimelineRow): ReactElement => {
    if (row.kind === 'day')
      return (
        <li key={`day ${row.day}`} className={classes.day}>
          {row.day}
        </li>
      );
    if (row.kind === 'windowEnd')
      return (
        <li key="window" className={classes.windowEnd}>
          <span>Window closed {formatInstant(row.time, zone)}</span>
        </li>
      );
    if (row.kind === 'deadline') return <DeadlineRow key={`deadline ${row.move.time}`} move={row.move} zone={zone} />;
    const { step, exclusion } = row.event;
    const excluded = exclusion === undefined ? undefined : funnel?.exclusions[exclusion];
    return (
      <TimelineEventRow
        key={row.index}
        row={row}
        color={colorOf(row.event.event)}
        zone={zone}
        step={step ?? null}
        voidLabel={excluded === undefined ? null : `Voided an attempt: excluded ${getMatchLabel(excluded)}`}
        open={open.has(row.index)}
        onToggle={() => toggle(row.index)}
      />
    );
  };
  return <ol className={classes.events}>{rows.map(draw)}</ol>;
}
