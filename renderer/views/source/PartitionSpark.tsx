import { useMemo, type ReactElement } from 'react';
import type { Partition } from '../../../protocol/index.ts';
import { getBins, getBinUnit, indexPartitions } from '../frame/strip-bins.ts';
import { getFullDomain, toShare } from '../frame/strip-scale.ts';
import classes from './MappingPage.module.css';

const WIDTH = 300;
const HEIGHT = 48;

/** Events over time at a glance; the numbers stand below. */
export function PartitionSpark({ partitions }: { readonly partitions: readonly Partition[] }): ReactElement | null {
  const bars = useMemo(() => {
    const index = indexPartitions(partitions);
    if (index.extent === null) return null;
    const domain = getFullDomain(index.extent);
    const bins = getBins(index, domain, getBinUnit(domain, WIDTH, 4), 'UTC');
    const most = Math.max(...bins.map((b) => b.rows), 1);
    return bins.map((bin) => ({
      key: bin.from,
      x: toShare(bin.from, domain) * WIDTH,
      width: toShare(bin.to, domain) * WIDTH - toShare(bin.from, domain) * WIDTH,
      height: (bin.rows / most) * HEIGHT,
    }));
  }, [partitions]);
  if (bars === null) return null;
  return (
    <svg className={classes.spark} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden>
      {bars.map((bar) => (
        <rect
          key={bar.key}
          x={bar.x}
          y={HEIGHT - bar.height}
          width={Math.max(0.5, bar.width - 1)}
          height={bar.height}
        />
      ))}
    </svg>
  );
}
