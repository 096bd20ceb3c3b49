import type Database from 'better-sqlite3';
import type { Partition } from '../../protocol/index.ts';
import { countEqualTimes } from './equal-times.ts';
import type { PartitionReport } from './event-source.ts';
import type { EventTable } from './event-table.ts';
import { countIssue, describeIssues, type IssueCounts } from './issues.ts';
import { hourOf } from './parse-time.ts';
import { countRows, NO_EVENT, type CountedPart } from './partition-pass.ts';

/** What is known of a table after one pass over it. */
export interface PartitionScan {
  readonly report: PartitionReport;
  /** Arrival numbers of rows that repeat an event: never counted. */
  readonly duplicates: ReadonlySet<number>;
  readonly keysReadable: boolean;
  /** By piece: which of its events (from 0, ascending) are duplicates of one in an earlier piece. */
  readonly dropped: readonly (readonly number[])[];
  /** All pieces as one, without what was dropped. */
  readonly whole: CountedPart;
}

/** Pieces in order of arrival as one. Mis-keyed copies of one event in several pieces: the first to arrive counts. */
export function joinParts(parts: readonly CountedPart[], extraIssues: IssueCounts = new Map()): PartitionScan {
  const issues: IssueCounts = new Map(extraIssues);
  for (const part of parts) for (const [kind, rows] of part.issues) countIssue(issues, kind, rows);
  const partitions = joinPartitions(parts);
  const duplicates = new Set(parts.flatMap((part) => part.duplicates));
  const seen = new Set<string>();
  const dropped = parts.map(({ strays }) =>
    strays.flatMap(({ id, time, seq, row, counted }) => {
      const name = `${time} ${id}`;
      const partition = partitions.get(hourOf(time));
      if (!seen.has(name) || (row !== NO_EVENT && partition === undefined)) {
        seen.add(name);
        return [];
      }
      duplicates.add(seq);
      if (row === NO_EVENT) return [];
      countIssue(issues, 'duplicate_event_id');
      for (const kind of counted) issues.set(kind, (issues.get(kind) ?? 0) - 1);
      if (partition !== undefined) partitions.set(partition.hour, { ...partition, rows: partition.rows - 1 });
      return [row];
    }),
  );
  const keysReadable = parts.every((part) => part.keysReadable);
  const guardHours = Math.max(0, ...parts.map((part) => part.guardHours));
  const sorted = [...partitions.values()].toSorted((a, b) => a.firstTime - b.firstTime);
  const strays = parts.flatMap((part) => part.strays.filter(({ seq }) => !duplicates.has(seq)));
  return {
    duplicates,
    dropped,
    keysReadable,
    whole: {
      partitions: sorted,
      issues: [...issues],
      duplicates: [...duplicates],
      owners: [...new Map(parts.flatMap((part) => part.owners))],
      strays,
      guardHours,
      keysReadable,
    },
    report: { partitions: sorted, issues: describeIssues(issues), guardHours },
  };
}

function joinPartitions(parts: readonly CountedPart[]): Map<string, Partition> {
  const joined = new Map<string, Partition>();
  for (const p of parts.flatMap((part) => part.partitions)) {
    const known = joined.get(p.hour);
    joined.set(
      p.hour,
      known === undefined
        ? p
        : {
            hour: p.hour,
            rows: known.rows + p.rows,
            firstTime: Math.min(known.firstTime, p.firstTime),
            lastTime: Math.max(known.lastTime, p.lastTime),
          },
    );
  }
  return joined;
}

/** The whole table in one pass, with the number of different actors and the events at equal times. */
export function scanWhole(
  db: Database.Database,
  events: EventTable,
  shouldStop: (rowsSeen: number) => boolean,
): PartitionScan & { readonly actors: number } {
  const codes = new Map<string, number>();
  const actors: number[] = [];
  const times: number[] = [];
  const range = events.tail ? ([events.tail.fromRow, Number.MAX_SAFE_INTEGER] as const) : null;
  const part = countRows(db, events, range, shouldStop, (actor, time) => {
    let code = codes.get(actor);
    if (code === undefined) codes.set(actor, (code = codes.size));
    actors.push(code);
    times.push(time);
  });
  const issues: IssueCounts = new Map();
  countIssue(issues, 'equal_times', countEqualTimes(actors, times));
  return { ...joinParts([part], issues), actors: codes.size };
}
