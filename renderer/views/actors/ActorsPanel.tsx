import type { ReactElement } from 'react';
import { usePanel } from '../../stores/panel.ts';
import { useSession } from '../../stores/session.ts';
import { ActorList } from './ActorList.tsx';
import { TimelinePanel } from './TimelinePanel.tsx';

/** The right panel's second half: the actors behind a number, or one actor's story. */
export function ActorsPanel(): ReactElement | null {
  const content = usePanel((s) => s.content);
  // All rows in the place of a preview: the story is read again.
  const sourceId = useSession((s) => s.source?.sourceId);
  if (content === null) return null;
  return content.kind === 'actors' ? (
    <ActorList key={JSON.stringify([content.selection, content.title])} content={content} />
  ) : (
    <TimelinePanel key={`${sourceId ?? ''} ${content.actor}`} content={content} />
  );
}
