import { expect, it } from 'vitest';
import { randomOf } from '../../tests/support/random-log.ts';
import { countMembers, getMembers } from './actor-set.ts';
import { buildStringTable } from './string-table.ts';

const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_123);

it(`a hundred thousand ids are found among as many actors, whatever they look like (TRIBUTARY_SEED=${SEED})`, () => {
  const random = randomOf(SEED);
  const newId = (): string =>
    `${['u', 'é', '😀', ''][Math.floor(random() * 4)] ?? ''}${Math.floor(random() * 300_000)}`;
  const actors = [...new Set(Array.from({ length: 120_000 }, newId))];
  const ids = [...new Set(Array.from({ length: 130_000 }, newId))];
  const wanted = new Set(ids);
  const expected = actors.map((id) => (wanted.has(id) ? 1 : 0));
  const [actorIds, set] = [buildStringTable(actors), { key: 'all', ids: buildStringTable(ids) }];
  expect([...getMembers(actorIds, set)]).toEqual(expected);
  const count = expected.filter((isMember) => isMember === 1).length;
  expect(count).toBeGreaterThan(10_000);
  expect(countMembers({ actorIds }, set)).toBe(count);
});

it('a set of the same name with another content is another one', () => {
  const actorIds = buildStringTable(['a', 'b']);
  const membersOf = (key: string, ids: string[]) => [...getMembers(actorIds, { key, ids: buildStringTable(ids) })];
  expect([membersOf('x 1', ['a']), membersOf('x 2', ['b']), membersOf('x 3', [])]).toEqual([
    [1, 0],
    [0, 1],
    [0, 0],
  ]);
});
