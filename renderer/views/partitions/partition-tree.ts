import type { Partition, ServerPartition } from '../../../protocol/index.ts';

/** Hours that have events, ascending, with the rows before each and of all. */
export interface HourList {
  readonly hours: readonly string[];
  readonly rowsBefore: Float64Array;
}
/** UTC hours `YYYY-MM-DDTHH` that a question needs, guard band included; both inclusive, null = open. */
export interface ReadHours {
  readonly from: string | null;
  readonly to: string | null;
}
/** `part`: some of its hours. */
export type Reads = 'all' | 'part' | 'none';

export interface TreeNode {
  readonly id: string;
  readonly name: string;
  readonly level: 'month' | 'partition' | 'day' | 'hour';
  /** First hour, and the one behind the last; null = its bounds are no hours. */
  readonly span: readonly [string, string] | null;
  readonly rows: number;
  /** `rows` are what the server's planner believes. */
  readonly isEstimate: boolean;
  readonly rowsRead: number;
  /** On disk; null = of a part of a table nobody knows. */
  readonly bytes: number | null;
  readonly reads: Reads;
  /** Of a month that holds them. */
  readonly partitions: readonly ServerPartition[];
}

/** More partitions than these are put into months. */
const MOST_ROOTS = 60;
const FIRST = '0000-01-01T00';
const BEHIND_LAST = '9999-12-31T23';

export function listHours(partitions: readonly Partition[]): HourList {
  const rowsBefore = new Float64Array(partitions.length + 1);
  partitions.forEach(({ rows }, i) => (rowsBefore[i + 1] = (rowsBefore[i] ?? 0) + rows));
  return { hours: partitions.map(({ hour }) => hour), rowsBefore };
}

/** A server's partitions by their bounds; months of a file, and of what has too many partitions to be seen at once. */
export function getRoots(list: HourList, server: readonly ServerPartition[], read: ReadHours): readonly TreeNode[] {
  if (server.length === 0) return splitHours(list, read, 0, list.hours.length, 'month');
  const nodes = server.map((partition) => toNode(list, partition, read)).toSorted(byStart);
  if (server.length <= MOST_ROOTS) return nodes;
  const months = new Map<string, ServerPartition[]>();
  const others: TreeNode[] = [];
  for (const partition of server) {
    const month = getSpan(partition.bounds)?.[0].slice(0, 7);
    if (month === undefined) others.push(toNode(list, partition, read));
    else months.set(month, [...(months.get(month) ?? []), partition]);
  }
  return [...[...months].map(([month, members]) => toMonth(list, month, members, read)), ...others].toSorted(byStart);
}

/** What opens under a node: partitions of a month, else its days, of a day its hours. */
export function getChildren(list: HourList, node: TreeNode, read: ReadHours): readonly TreeNode[] {
  if (node.partitions.length > 0)
    return node.partitions.map((partition) => toNode(list, partition, read)).toSorted(byStart);
  if (node.span === null || node.level === 'hour') return [];
  const [from, to] = node.span.map((hour) => findHour(list, hour)) as [number, number];
  const isDay = node.level === 'day' || node.span[0].slice(0, 10) === shiftHour(node.span[1], -1).slice(0, 10);
  const isLong =
    node.level === 'partition' && (list.hours[from] ?? '').slice(0, 7) !== (list.hours[to - 1] ?? '').slice(0, 7);
  return splitHours(list, read, from, to, isDay ? 'hour' : isLong ? 'month' : 'day').map((child) => ({
    ...child,
    id: `${node.id} ${child.id}`,
  }));
}
/** Without making them. */
export const hasChildren = (node: TreeNode): boolean =>
  node.partitions.length > 0 || (node.level !== 'hour' && node.span !== null && node.rows > 0);

const byStart = (a: TreeNode, b: TreeNode): number =>
  (a.span?.[0] ?? BEHIND_LAST).localeCompare(b.span?.[0] ?? BEHIND_LAST) || a.name.localeCompare(b.name);

const KEY_LENGTH = { month: 7, day: 10, hour: 13 } as const;
function splitHours(
  list: HourList,
  read: ReadHours,
  from: number,
  to: number,
  level: keyof typeof KEY_LENGTH,
): readonly TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let start = from; start < to;) {
    const key = (list.hours[start] ?? '').slice(0, KEY_LENGTH[level]);
    let end = start + 1;
    while (end < to && list.hours[end]?.startsWith(key) === true) end++;
    const counted = countRows(list, read, start, end);
    const span = [list.hours[start] ?? FIRST, shiftHour(list.hours[end - 1] ?? FIRST, 1)] as const;
    const whole = level === 'hour' ? span : wholeSpan(key);
    nodes.push({
      id: key,
      name: level === 'hour' ? `${key.slice(11)}:00` : key,
      level,
      span: whole,
      ...counted,
      isEstimate: false,
      bytes: null,
      reads: counted.rowsRead === 0 ? 'none' : counted.rowsRead < counted.rows ? 'part' : 'all',
      partitions: [],
    });
    start = end;
  }
  return nodes;
}

function toNode(list: HourList, partition: ServerPartition, read: ReadHours): TreeNode {
  const span = getSpan(partition.bounds);
  const counted =
    span === null
      ? { rows: partition.rows ?? 0, rowsRead: partition.isRead ? (partition.rows ?? 0) : 0 }
      : countRows(list, read, findHour(list, span[0]), findHour(list, span[1]));
  return {
    id: partition.name,
    name: partition.name,
    level: 'partition',
    span,
    ...counted,
    isEstimate: span === null,
    bytes: partition.isForeign ? null : partition.bytes,
    reads: !partition.isRead ? 'none' : counted.rowsRead < counted.rows ? 'part' : 'all',
    partitions: [],
  };
}

function toMonth(list: HourList, month: string, members: readonly ServerPartition[], read: ReadHours): TreeNode {
  const nodes = members.map((member) => toNode(list, member, read));
  const sum = (of: (node: TreeNode) => number): number => nodes.reduce((all, node) => all + of(node), 0);
  const reads = nodes.every((node) => node.reads === 'all')
    ? 'all'
    : nodes.every((node) => node.reads === 'none')
      ? 'none'
      : 'part';
  return {
    id: month,
    name: month,
    level: 'month',
    span: wholeSpan(month),
    rows: sum((node) => node.rows),
    isEstimate: false,
    rowsRead: sum((node) => node.rowsRead),
    bytes: sum((node) => node.bytes ?? 0),
    reads,
    partitions: members,
  };
}

function countRows({ hours, rowsBefore }: HourList, read: ReadHours, from: number, to: number) {
  const rowsBetween = (first: number, end: number): number =>
    end > first ? (rowsBefore[end] ?? 0) - (rowsBefore[first] ?? 0) : 0;
  const readFrom = read.from === null ? 0 : findHour({ hours }, read.from);
  const readTo = read.to === null ? hours.length : findHour({ hours }, shiftHour(read.to, 1));
  return { rows: rowsBetween(from, to), rowsRead: rowsBetween(Math.max(from, readFrom), Math.min(to, readTo)) };
}

/** Index of the first hour that is not before `hour`. */
function findHour({ hours }: Pick<HourList, 'hours'>, hour: string): number {
  let [low, high] = [0, hours.length];
  while (low < high) {
    const mid = (low + high) >>> 1;
    if ((hours[mid] ?? '') < hour) low = mid + 1;
    else high = mid;
  }
  return low;
}

const shiftHour = (hour: string, by: number): string =>
  hour === BEHIND_LAST || hour === FIRST
    ? hour
    : new Date(Date.parse(`${hour}:00:00Z`) + by * 3_600_000).toISOString().slice(0, 13);

/** Of a month `2026-03` or a day `2026-03-01`. */
function wholeSpan(key: string): readonly [string, string] {
  if (key.length === 10) return [`${key}T00`, shiftHour(`${key}T23`, 1)];
  const [year = 0, month = 0] = key.split('-').map(Number);
  return [`${key}-01T00`, new Date(Date.UTC(year, month)).toISOString().slice(0, 13)];
}

/** `FOR VALUES FROM ('2026-01-01T00') TO ('2026-02-01T00')`, in hours; null of a default partition, lists, hashes, other types. */
export function getSpan(bounds: string | null): readonly [string, string] | null {
  const match = /^FOR VALUES FROM \((.+)\) TO \((.+)\)$/.exec(bounds ?? '');
  const from = toHour(match?.[1]);
  const to = toHour(match?.[2]);
  return from === null || to === null ? null : [from, to];
}

function toHour(text: string | undefined): string | null {
  if (text === 'MINVALUE') return FIRST;
  if (text === 'MAXVALUE') return BEHIND_LAST;
  const hour = /^'(\d{4}-\d\d)(-\d\d)?(?:[T ](\d\d))?[^']*'$/.exec(text ?? '');
  return hour === null ? null : `${hour[1]}${hour[2] ?? '-01'}T${hour[3] ?? '00'}`;
}
