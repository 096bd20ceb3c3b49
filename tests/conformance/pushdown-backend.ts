import type { AnalysisDocument } from '../../protocol/index.ts';
import { actorsByPushdown, answerByPushdown, type PushdownRunner } from '../support/pushdown-runner.ts';
import type { Backend } from './backend.ts';

/** The published logs as tables of a database, asked by the SQL of each analysis. Rejects what is not said in SQL. */
export function createPushdownBackend(runner: PushdownRunner): Backend {
  return {
    name: `SQL of ${runner.name}`,
    open: async (events) => {
      const log = await runner.open(events);
      return {
        run: async (document) => {
          const answer = await answerByPushdown(log, document as AnalysisDocument);
          if ('reason' in answer) throw new Error(answer.reason);
          return answer.body;
        },
        actors: async (document, selection) => {
          const actors = await actorsByPushdown(log, document as AnalysisDocument, selection);
          if ('reason' in actors) throw new Error(actors.reason);
          return actors;
        },
        close: log.close,
      };
    },
    close: runner.close,
  };
}
