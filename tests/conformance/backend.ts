import type { AnalysisDocument } from '../../protocol/index.ts';
import { runCompute, selectActors } from '../support/run-compute.ts';
import { segmentOf, type LogEvent } from '../support/timelines.ts';
import { asRecord, type Json } from './compare.ts';

/** Opens event logs; the same cases run on every backend. */
export interface Backend {
  readonly name: string;
  readonly open: (log: readonly LogEvent[]) => Promise<OpenLog>;
  readonly close: () => Promise<void>;
}
/** One frozen log that answers documents of the public format. Rejects when a document is refused. */
export interface OpenLog {
  readonly run: (document: Json) => Promise<Json>;
  /** Ids of the actors behind a number. */
  readonly actors: (document: Json, selection: Json) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** In two ranges of actors, as two threads would have it. */
const PARTS = 2;

/** Compute modules called directly on a small segment: fast, and without source, host and threads. */
export const computeBackend: Backend = {
  name: 'compute',
  open: (log) => Promise.resolve(openSegment(log)),
  close: () => Promise.resolve(),
};

function openSegment(log: readonly LogEvent[]): OpenLog {
  const run = async (input: Json) => {
    // Checked by the schema inside; whatever a case has may be asked.
    const document = input as AnalysisDocument;
    const segment = segmentOf(withActors(log, asRecord(input)['actorFrom']));
    return { document, segment, answer: runCompute(segment, document, PARTS) };
  };
  return {
    run: async (document) => (await run(document)).answer,
    actors: async (input, selection) => {
      const { document, segment, answer } = await run(input);
      return selectActors(segment, document, selection, answer, PARTS);
    },
    close: () => Promise.resolve(),
  };
}

/** `actorFrom`: a property stands for the actor; events without it have none and are left out. */
function withActors(log: readonly LogEvent[], actorFrom: Json): readonly LogEvent[] {
  if (typeof actorFrom !== 'string') return log;
  const prop = actorFrom.slice('props.'.length);
  return log.flatMap((event) => {
    const actor = event.props?.[prop];
    return actor === undefined || actor === null || actor === '' ? [] : [{ ...event, actor: asText(actor) }];
  });
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
