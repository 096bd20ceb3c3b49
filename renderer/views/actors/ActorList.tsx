import { Skeleton, TextInput } from '@mantine/core';
import { useDebouncedValue, useElementSize } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';
import { usePanel, type ActorsContent } from '../../stores/panel.ts';
import { formatCount } from '../../widgets/format.ts';
import { EmptyState, ErrorPanel } from '../../widgets/states.tsx';
import { useActorCursor } from './actor-cursor.ts';
import { ActorActions } from './ActorActions.tsx';
import { ActorListRow } from './ActorListRow.tsx';
import { getListWindow, getNextRow, getScrollTo, ROW_HEIGHT } from './list-window.ts';
import { AsOfNote } from './AsOfNote.tsx';
import { PartialNote } from './PartialNote.tsx';
import { useActorPages, type ActorPages } from './use-actor-pages.ts';
import classes from './actors.module.css';

const SEARCH_AFTER_MS = 200;

/** Exactly the actors of the number that was clicked, however many. */
export function ActorList({ content }: { content: ActorsContent }): ReactElement {
  const [text, setText] = useState(useActorCursor.getState().search);
  const [search] = useDebouncedValue(text.trim(), SEARCH_AFTER_MS);
  const pages = useActorPages(content, search);
  const { total } = pages;
  const [known, setKnown] = useState<number | null>(null);
  if (search === '' && total !== null && total !== known) setKnown(total);
  return (
    <section className={classes.panel} aria-label={content.title}>
      <header className={classes.head}>
        <h2 className={classes.title}>
          {content.title} ·{' '}
          {known === null ? (
            <Skeleton component="span" className={classes.pending} />
          ) : (
            `${formatCount(known)} ${known === 1 ? 'actor' : 'actors'}`
          )}
        </h2>
        {pages.partial !== null && <PartialNote partial={pages.partial} />}
        <AsOfNote asOf={content.analysis.asOf} zone={content.analysis.timezone} />
        <TextInput
          leftSection={<Search size={13} />}
          aria-label="Search actors"
          placeholder="Search by id"
          value={text}
          onChange={(e) => setText(e.currentTarget.value)}
        />
        {search !== '' && total !== null && (
          <p className={classes.note}>
            {formatCount(total)} of them contain “{search}”
          </p>
        )}
      </header>
      {pages.error !== null && (
        <ErrorPanel error={pages.error} title="The actors could not be listed" onRetry={pages.retry} />
      )}
      {total === 0 ? (
        <EmptyState>
          {search === '' ? 'There are no actors behind this number.' : 'No id contains this text.'}
        </EmptyState>
      ) : (
        <Rows content={content} pages={pages} search={search} />
      )}
      <ActorActions content={content} total={known} />
    </section>
  );
}

function Rows({ content, pages, search }: { content: ActorsContent; pages: ActorPages; search: string }): ReactElement {
  const { ref: box, height: viewport } = useElementSize<HTMLDivElement>();
  const scroller = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [row, setRow] = useState(useActorCursor.getState().index ?? 0);
  const total = pages.total ?? 12;
  const { height, from, to, top } = getListWindow(total, scrollTop, viewport);
  const { need } = pages;
  useEffect(() => need(from, to), [need, from, to]);

  const scrollTo = (index: number): void => {
    const element = scroller.current;
    if (element !== null) element.scrollTop = getScrollTo(total, index, element.scrollTop, viewport);
  };
  // Coming back from a timeline: the actor that was opened is in sight again.
  const restored = useRef(false);
  useEffect(() => {
    if (restored.current || pages.total === null || viewport === 0) return;
    restored.current = true;
    const element = scroller.current;
    if (element !== null && row > 0) element.scrollTop = getScrollTo(pages.total, row, 0, viewport);
  }, [pages.total, viewport, row]);

  const open = (index: number): void => {
    const actor = pages.rowAt(index)?.actor;
    if (actor === undefined) return;
    setRow(index);
    useActorCursor.getState().set({ index, total, search });
    usePanel.getState().showTimeline({ actor, analysis: content.analysis });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = getNextRow(total, row, event.key, Math.max(1, Math.floor(viewport / ROW_HEIGHT) - 1));
    if (next !== null) {
      event.preventDefault();
      setRow(next);
      scrollTo(next);
    } else if (event.key === 'Enter') open(row);
  };
  const steps = content.analysis.type === 'funnel' ? content.analysis.steps.length : 0;
  return (
    <div ref={box} className={classes.list}>
      <div
        ref={scroller}
        className={classes.scroller}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a select cannot hold a million windowed rows
        role="listbox"
        aria-label="Actors"
        tabIndex={0}
        aria-activedescendant={row >= from && row < to ? `actor-${row}` : undefined}
        onScroll={(e) => setScrollTop(e.currentTarget.scrollTop)}
        onKeyDown={onKeyDown}
      >
        <div style={{ height }} className={classes.spacer}>
          <div style={{ transform: `translateY(${top}px)` }}>
            {Array.from({ length: to - from }, (_, i) => from + i).map((index) => (
              <ActorListRow
                key={index}
                index={index}
                total={total}
                row={pages.rowAt(index)}
                steps={steps}
                timezone={content.analysis.timezone}
                active={index === row}
                onOpen={() => open(index)}
              />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}
