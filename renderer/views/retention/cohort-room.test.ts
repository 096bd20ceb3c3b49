import { describe, expect, it } from 'vitest';
import { getCohortRoom } from './cohort-room.ts';

describe('getCohortRoom', () => {
  it('gives what the map leaves to the curve', () => {
    expect(getCohortRoom(614, 11)).toEqual({ map: 414, curve: 200 });
    expect(getCohortRoom(894, 11)).toEqual({ map: 430, curve: 340 });
  });
  it('lets rows grow where a curve has no room', () => {
    expect(getCohortRoom(500, 11)).toEqual({ map: 500, curve: 0 });
  });
  it('never squeezes rows', () => {
    expect(getCohortRoom(300, 40)).toEqual({ map: 56 + 40 * 28, curve: 0 });
    expect(getCohortRoom(0, 2)).toEqual({ map: 112, curve: 0 });
  });
});
