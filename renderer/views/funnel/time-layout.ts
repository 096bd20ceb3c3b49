/** Round numbers for axes, at most `count` + 1 of them from zero to at least `max`: `getTicks(87, 4)` = 0, 25, 50, 75, 100. */
export function getTicks(max: number, count: number): number[] {
  if (max <= 0) return [0];
  const rough = max / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough * 0.999) ?? 10 * power;
  const ticks: number[] = [];
  for (let i = 0; i * step < max + step * 0.999; i++) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 259_200,
  604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000,
];
/** Times people say, in seconds, inside [from, to]: whole minutes, hours, days. */
export function getTimeTicks(from: number, to: number, count: number): number[] {
  const step =
    TIME_STEPS.find((s) => (to - from) / s <= count) ?? Math.ceil((to - from) / count / 31_536_000) * 31_536_000;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, i) => first + i * step);
}

/** Labels on one line that must not meet: those pushed right stay in order and inside `end`. Gives left edges. */
export function spreadLabels(
  labels: readonly { readonly at: number; readonly width: number }[],
  gap: number,
  end: number,
): number[] {
  const order = labels.map((_, i) => i).toSorted((a, b) => (labels[a]?.at ?? 0) - (labels[b]?.at ?? 0));
  const left = labels.map((label) => label.at);
  let free = Number.NEGATIVE_INFINITY;
  for (const i of order) {
    left[i] = Math.max(left[i] ?? 0, free);
    free = (left[i] ?? 0) + (labels[i]?.width ?? 0) + gap;
  }
  let limit = end;
  for (const i of order.toReversed()) {
    left[i] = Math.min(left[i] ?? 0, limit - (labels[i]?.width ?? 0));
    limit = (left[i] ?? 0) - gap;
  }
  return left;
}
