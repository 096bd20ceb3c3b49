import { expect, it } from 'vitest';
import { EngineError } from '../../protocol/errors.ts';
import { allocate, createColumnMemory } from '../segment/column-memory.ts';
import { TimeSpanTooWide } from '../segment/segment-builder.ts';
import { asBuildError } from './build-error.ts';

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return asBuildError(error);
  }
}

it('is E_LIMIT, with a way out, where columns do not fit or years are too many', () => {
  // More than the 4 GiB a memory may have.
  const full = caught(() => allocate(createColumnMemory(), 2 ** 32));
  expect(full).toBeInstanceOf(EngineError);
  expect(full).toMatchObject({ code: 'E_LIMIT', hint: expect.stringContaining('date range') as string });
  const wide = asBuildError(new TimeSpanTooWide(Date.UTC(1850, 0, 1), Date.UTC(2024, 0, 1)));
  expect(wide).toMatchObject({ code: 'E_LIMIT', message: expect.stringContaining('1850 to 2024') as string });
});

it('leaves other errors as they are', () => {
  const other = new Error('other');
  expect(asBuildError(other)).toBe(other);
});
