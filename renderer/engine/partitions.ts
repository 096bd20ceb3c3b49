import type { Partition, PartitionTable, SourceInfo } from '../../protocol/index.ts';

/** A source as it came, with the list of its partitions made when somebody looks at it: few views do. */
export function withPartitions(info: SourceInfo): SourceInfo {
  const { partitionTable: table } = info;
  if (table === undefined) return info;
  let made: readonly Partition[] | null = null;
  return {
    ...info,
    get partitions() {
      return (made ??= listPartitions(table));
    },
  };
}

function listPartitions({ hours, rows, firstTimes, lastTimes }: PartitionTable): readonly Partition[] {
  const names = hours.split('\n');
  return Array.from(rows, (count, i) => ({
    hour: names[i] ?? '',
    rows: count,
    firstTime: firstTimes[i] ?? 0,
    lastTime: lastTimes[i] ?? 0,
  }));
}

export const countPartitions = (info: SourceInfo): number => info.partitionTable?.rows.length ?? info.partitions.length;
