import type { AnalysisType } from '../../protocol/index.ts';
import { onActivity } from '../engine/activity.ts';
import { engine } from '../engine/client.ts';
import { getQuestionsAt } from './answers.ts';
import { getFrame } from './frame.ts';
import { isMoving } from './hand.ts';
import { useSession } from './session.ts';

/** The engine has had nothing to do for this long. */
const REST_MS = 400;
const DAY_MS = 86_400_000;
const ASKED_AHEAD: ReadonlySet<AnalysisType> = new Set(['funnel', 'flow']);
/** Of the open source. */
const asked = new Set<string>();

/**
 * What a hand would ask that moves as of, asked before it does and thrown away: what the engine makes for such questions
 * takes longer than they do, and would be waited for at the first step. Files only: a server's time is others' too.
 */
async function askAhead(): Promise<void> {
  const { source, phase } = useSession.getState();
  const isFile = source?.ref.kind === 'sqlite' && source.partial === undefined;
  if (!isFile || phase !== 'open' || isMoving() || source.lastTime === null) return;
  const frame = getFrame();
  const asOf = frame.asOf ?? new Date(source.lastTime - DAY_MS).toISOString().slice(0, -1);
  for (const { text, analysis } of getQuestionsAt({ ...frame, asOf })) {
    // What is made for funnels is small, and most of it is kept for the next session; for a flow it is 4 bytes an event.
    if (!ASKED_AHEAD.has(analysis.type) || asked.has(text)) continue;
    asked.add(text);
    await engine.run(analysis, { detail: 'counts', quiet: true, sourceId: source.sourceId });
  }
}

useSession.subscribe(({ source: now }, { source: before }) => {
  if (now?.sourceId !== before?.sourceId) asked.clear();
});

let timer: ReturnType<typeof setTimeout> | undefined;
onActivity((running) => {
  clearTimeout(timer);
  // Nobody waits for it: nobody is told that it failed.
  if (running.length === 0) timer = setTimeout(() => void askAhead().catch(() => undefined), REST_MS);
});
