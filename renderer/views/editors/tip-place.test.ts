import { describe, expect, it } from 'vitest';
import { getTipPlace } from './tip-place.ts';

const tip = { width: 240, height: 100 };
const drawing = { width: 800, height: 400 };
const at = (x: number, y: number, width: number, height: number) => getTipPlace({ x, y, width, height }, tip, drawing);

describe('where a tip stands', () => {
  it('right of the mark, else left', () => {
    expect(at(100, 50, 100, 300)).toEqual({ left: 208, top: 50 });
    expect(at(600, 50, 100, 300)).toEqual({ left: 352, top: 50 });
  });
  it('below a wide mark, else above it', () => {
    expect(at(0, 20, 800, 22)).toEqual({ left: 0, top: 50 });
    expect(at(0, 350, 800, 22)).toEqual({ left: 0, top: 242 });
  });
  it('never below the end of the drawing', () => {
    expect(at(100, 380, 20, 20).top).toBe(300);
  });
});
