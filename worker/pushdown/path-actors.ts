import type { FlowQuery, FlowSelection } from '../../protocol/index.ts';
import { FOLDED } from '../compute/path-walk.ts';
import { MATRIX_END } from '../compute/step-matrix.ts';
import { PATH_END, PATH_START } from '../compute/transitions.ts';
import type { Dialect } from './dialect.ts';
import { writeMoves } from './flow-paths.ts';
import type { ActorWriter } from './question.ts';
import { Refusal } from './refusal.ts';
import { anyOf, raw, sql, text, withCtes, type Sql } from './sql.ts';
import { writePositions } from './step-matrix.ts';
import { writeSteps } from './transitions.ts';
import { writeSequences } from './variants.ts';

/** A zero byte is in no name of a database, and could not even be sent. */
const named = (column: string, name: string): Sql =>
  name.includes('\0') ? raw('FALSE') : sql`${raw(column)} = ${text(name)}`;

/** A node may be called as a boundary is. */
function side(column: string, name: string, boundary: string): Sql {
  return name === boundary ? sql`(${raw(column)} IS NULL OR ${named(column, name)})` : named(column, name);
}

export const writeTransitionActors: ActorWriter<'transitions'> = (query, { from, to }, context, dialect) =>
  withCtes(
    writeSteps(query, context, dialect),
    sql`SELECT DISTINCT actor FROM steps WHERE ${side('from_node', from, PATH_START)} AND ${side('to_node', to, PATH_END)}`,
  );

export const writeFlowActors: ActorWriter<'flow'> = (query, selection, context, dialect) =>
  withCtes(writeMoves(query, context, dialect), selectMoves(query, selection));

const isNode = (name: string, column = 'node'): Sql => side(column, name, FOLDED);

function selectMoves(query: FlowQuery, selection: FlowSelection): Sql {
  if ('all' in selection) return sql`SELECT DISTINCT actor FROM moves`;
  if ('branch' in selection) return selectBranch(query, selection.branch);
  if ('remainder' in selection)
    throw new Refusal(
      'Which edges are hidden is decided where the answer is put together, so their actors have no SQL.',
    );
  const of = (step: number, name: string, more: Sql): Sql =>
    sql`SELECT DISTINCT actor FROM moves WHERE step = ${step} AND ${isNode(name)}${more}`;
  if ('node' in selection) return of(selection.node.step, selection.node.name, raw(''));
  if ('dropOff' in selection) return of(selection.dropOff.step, selection.dropOff.name, raw(` AND kind = 'drop-off'`));
  if ('continues' in selection)
    return of(selection.continues.step, selection.continues.name, raw(` AND kind = 'continues'`));
  const { step, from, to } = selection.edge;
  return of(step, from, sql` AND kind = 'edge' AND ${isNode(to, 'next_node')}`);
}

/** All nodes of a branch lie on one path. */
function selectBranch({ sessionGapSeconds }: FlowQuery, branch: readonly string[]): Sql {
  if (sessionGapSeconds !== null)
    throw new Refusal('A branch lies on one path of several that an actor has: it has no SQL with a session gap.');
  const steps = branch.map((name, i) => sql`(step = ${i + 1} AND ${isNode(name)})`);
  return sql`SELECT actor FROM moves WHERE ${anyOf(steps)} GROUP BY actor HAVING count(*) = ${branch.length}`;
}

export const writeMatrixActors: ActorWriter<'stepMatrix'> = (query, { event, position }, context, dialect) => {
  const at = sql`max(CASE WHEN position = ${position} AND ${named('node', event)} THEN 1 ELSE 0 END) = 1`;
  const fits = event === MATRIX_END ? sql`max(position) < ${position} OR ${at}` : at;
  const having = position >= query.maxSteps ? raw('1 = 0') : fits;
  return withCtes(
    writePositions(query, context, dialect),
    sql`SELECT actor FROM positions GROUP BY actor HAVING ${having}`,
  );
};

export const writeVariantActors: ActorWriter<'variants'> = (query, { sequence }, context, dialect) =>
  withCtes(
    writeSequences(query, context, dialect),
    sql`SELECT actor FROM sequences WHERE ${isSequence(sequence, dialect)}`,
  );

function isSequence(sequence: readonly string[], { name }: Dialect): Sql {
  if (sequence.some((node) => node.includes('\0'))) return raw('FALSE');
  const json = text(JSON.stringify(sequence));
  return name === 'sqlite' ? sql`sequence = ${json}` : sql`sequence = ${json}::jsonb`;
}
