import { HEAT_ROW_HEIGHT } from '../../charts/heat-map.ts';

/** Px: names of the columns over the cells. */
const HEAD = 56;
/** Cells grow up to this; more makes a chequerboard of a table. */
const TALL_ROW = 34;
const TALLEST_ROW = 44;
/** A curve lower than this says nothing; higher than this it outweighs the cohorts. */
const LOW_CURVE = 200;
const HIGH_CURVE = 340;

/**
 * Heights of the cohort map and of the curve below it (0 = none), px. The map comes first: it scrolls when it is
 * taller than the room; what it leaves goes to the curve, and where that is too little, to its rows.
 */
export function getCohortRoom(height: number, rows: number): { readonly map: number; readonly curve: number } {
  const at = (row: number): number => HEAD + rows * row;
  if (height - at(HEAT_ROW_HEIGHT) >= LOW_CURVE) {
    const map = Math.min(at(TALL_ROW), height - LOW_CURVE);
    return { map, curve: Math.min(HIGH_CURVE, height - map) };
  }
  return { map: Math.max(at(HEAT_ROW_HEIGHT), Math.min(at(TALLEST_ROW), height)), curve: 0 };
}
