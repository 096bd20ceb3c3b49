import type { AnalysisDocument } from '../../protocol/index.ts';
import type { LogEvent } from './timelines.ts';

/** Random analyses and logs for comparing SQL with the engine; the same for the same numbers of `random`. */
export interface Chance {
  readonly pick: <T>(values: readonly T[]) => T;
  readonly yes: (share: number) => boolean;
  /** From 0 to `below`, exclusive. */
  readonly whole: (below: number) => number;
}
export function chanceOf(random: () => number): Chance {
  return {
    pick: (values) => values[Math.floor(random() * values.length)] as never,
    yes: (share) => random() < share,
    whole: (below) => Math.floor(random() * below),
  };
}

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/St_Johns'];
/** Around the nights in which clocks change. */
const STARTS = [Date.UTC(2024, 2, 8), Date.UTC(2024, 9, 25), Date.UTC(2023, 11, 20), Date.UTC(2021, 2, 26)];
const QUARTER = 900_000;

/** Equal times, hostile names, values of every kind, rows that arrive late. */
export function randomPushdownLog({ pick, yes, whole }: Chance, names: readonly string[]): LogEvent[] {
  const start = pick(STARTS);
  const span = pick([40, 400, 1500]);
  const actors = Array.from({ length: 1 + whole(8) }, (_, i) => pick(['a', 'B', 'é', "o'", '😀', '"q"']) + String(i));
  const events = names.slice(0, 2 + whole(names.length - 1));
  return Array.from({ length: 1 + whole(60) }, () => {
    const time = start + whole(span) * QUARTER + (yes(0.1) ? pick([1, 999, 60_000]) : 0);
    const props: Record<string, unknown> = {};
    if (yes(0.8)) props['plan'] = pick(['basic', 'pro', '', null, 'Other', "it's", 7, true, 1.5]);
    if (yes(0.8)) props['amount'] = pick([1, 2.5, -3, '4', ' 5 ', 'many', '', null, 0.1, '1e2', '.5', '6x']);
    if (yes(0.7)) props['object'] = pick(['s1', 's2', 's3', '', 4]);
    if (yes(0.5)) props['due'] = dueOf(time + (whole(200) - 100) * QUARTER, pick);
    if (yes(0.5)) props['a "key'] = pick(['x', 'Y', 'xyz']);
    return {
      actor: pick(actors),
      event: pick(events),
      time,
      props,
      ...(yes(0.7) ? { recordedAt: time + whole(9) * 4 * QUARTER } : {}),
    };
  });
}

/** A time in the spellings that a due time may have, or none. */
function dueOf(time: number, pick: Chance['pick']): unknown {
  const iso = new Date(time).toISOString();
  const zoned = new Date(time + 5_400_000).toISOString().slice(0, 19);
  return pick([
    iso,
    iso.slice(0, 10),
    iso.slice(0, 19),
    iso.slice(0, 19).replace('T', ' '),
    time,
    String(time),
    `${zoned}+01:30`,
    'soon',
    '',
  ]);
}

/** What every analysis may have. */
export function randomFrame(chance: Chance, log: readonly LogEvent[]): Pick<AnalysisDocument, 'timezone'> {
  const { pick, yes } = chance;
  const moment = (): string => new Date(Number(pick(log).time) + pick([0, 0, -1, 1, 3_600_000])).toISOString();
  const [a, b] = [moment(), moment()].toSorted();
  return {
    timezone: pick(ZONES),
    ...(yes(0.3) ? { asOf: moment() } : {}),
    ...(yes(0.3) ? { knownAt: moment() } : {}),
    ...(yes(0.6) ? { dateRange: { ...(yes(0.8) ? { from: a } : {}), ...(yes(0.8) ? { to: b } : {}) } } : {}),
    ...(yes(0.3) ? { where: [randomCondition(chance)] } : {}),
  } as Pick<AnalysisDocument, 'timezone'>;
}

export function randomCondition({ pick, yes }: Chance, depth = 0): object {
  if (depth < 2 && yes(0.2)) {
    const inner = [
      randomCondition({ pick, yes, whole: () => 0 }, depth + 1),
      randomCondition({ pick, yes, whole: () => 0 }, depth + 1),
    ];
    return yes(0.5) ? { and: inner } : { or: inner };
  }
  const prop = pick(['plan', 'amount', 'a "key', 'nothing', '$event', '$actor']);
  return pick([
    { prop, op: 'eq', value: pick(['pro', "it's", '7', 'x', 'open']) },
    { prop, op: 'neq', value: pick(['pro', 'true', '1.5']) },
    { prop, op: 'in', value: ['basic', 7, true, 'view', 'a0'] },
    { prop, op: 'not_in', value: ['basic', 7, ''] },
    { prop, op: 'icontains', value: pick(['P', 'x', 'e', '%', '_']) },
    { prop, op: 'not_icontains', value: 'as' },
    { prop, op: 'is_set' },
    { prop, op: 'is_not_set' },
  ]);
}

export function randomMatch(chance: Chance, names: readonly string[]): object {
  const { pick, yes } = chance;
  const one = (): object => ({
    event: yes(0.25) ? null : pick(names),
    ...(yes(0.2) ? { where: [randomCondition(chance)] } : {}),
  });
  return yes(0.2) ? { anyOf: [one(), one()] } : one();
}
