import { describe, expect, test, vi } from 'vitest';
import { RemotePlaces, servePlaces, type ServedPlaces, type ToKeeper } from './remote-places.ts';
import { createPlaces, PLACES, SharedPlaces } from './session-budget.ts';

const SERVER = 'db:5432';
const request = (limit = 2, waitMs = 60_000) => ({ server: SERVER, limit, waitMs });

function setUp() {
  const words = createPlaces();
  const shared = new SharedPlaces(() => words);
  const connect = (remote: RemotePlaces): ServedPlaces => {
    const served = servePlaces((message) => void Promise.resolve().then(() => remote.receive(message)), shared);
    // As over a line between processes: what is no plain data fails here.
    remote.attach((message) => served.receive(structuredClone(message)));
    return served;
  };
  const remotes = [new RemotePlaces(), new RemotePlaces()] as const;
  const served = remotes.map(connect);
  const open = (): number => Atomics.load(words, PLACES.open);
  return { words, shared, remotes, served, connect, open };
}

describe('places that another process counts', () => {
  test('are those of all processes together; who waits is told to those who have one', async () => {
    const { remotes, shared, open } = setUp();
    const first = await remotes[0].take(request());
    const second = await shared.take(request());
    let third: unknown = null;
    const taken = remotes[1].take(request()).then((place) => (third = place));
    await vi.waitFor(() => expect(first.isWanted()).toBe(true));
    expect(third).toBe(null);
    first.giveBack();
    first.giveBack();
    await taken;
    expect(open()).toBe(2);
    second.giveBack();
    expect(open()).toBe(1);
  });

  test('are refused with a code when none became free in time', async () => {
    const { remotes } = setUp();
    await remotes[0].take(request(1));
    await expect(remotes[1].take(request(1, 20))).rejects.toMatchObject({ code: 'E_SERVER_BUSY' });
  });

  test('are refused in time while nobody counts, or whoever counts does not answer; and are left when not needed', async () => {
    const alone = new RemotePlaces();
    const held = await alone.take(request(1));
    await expect(alone.take(request(1, 20))).rejects.toMatchObject({ code: 'E_SERVER_BUSY' });
    const told: ToKeeper[] = [];
    alone.attach((message) => told.push(message));
    await expect(alone.take(request(1, 20))).rejects.toMatchObject({ code: 'E_SERVER_BUSY' });
    await expect(alone.take({ ...request(1), isNeeded: () => false })).rejects.toMatchObject({ code: 'E_SERVER_BUSY' });
    held.giveBack();
    expect(told.map(({ type }) => type)).toEqual([
      'placeHeld',
      'place',
      'placeBack',
      'place',
      'placeBack',
      'placeBack',
    ]);
  });

  test('are not waited for at all where nobody should give way for them', async () => {
    const { shared, words } = setUp();
    const place = await shared.take(request(1));
    const refused = shared.take(request(1, 0));
    expect(Atomics.load(words, PLACES.waiting)).toBe(0);
    await expect(refused).rejects.toMatchObject({ code: 'E_SERVER_BUSY' });
    place.giveBack();
  });

  test('come back when their process ends, and what it waited for is forgotten', async () => {
    const { remotes, served, shared, words, open } = setUp();
    await remotes[0].take(request());
    const own = await shared.take(request());
    void remotes[0].take(request());
    await vi.waitFor(() => expect(Atomics.load(words, PLACES.waiting)).toBe(1));
    served[0]?.close();
    await vi.waitFor(() => expect([open(), Atomics.load(words, PLACES.waiting)]).toEqual([1, 0]));
    own.giveBack();
    expect(open()).toBe(0);
  });

  test('a keeper that comes later is told of those that are held; without one a process counts for itself', async () => {
    const remote = new RemotePlaces();
    const held = await remote.take(request(1));
    const waiting = remote.take(request(1));
    const told: ToKeeper[] = [];
    remote.attach((message) => told.push(message));
    expect(told.map(({ type }) => type)).toEqual(['placeHeld', 'place']);
    remote.attach(null);
    held.giveBack();
    await waiting;
    const { connect, open } = setUp();
    connect(remote);
    expect(open()).toBe(1);
  });
});
