import { ActionIcon } from '@mantine/core';
import { useFocusReturn } from '@mantine/hooks';
import { X } from 'lucide-react';
import { useEffect, useMemo, useRef, type ReactElement } from 'react';
import type { SourceInfo } from '../../../protocol/index.ts';
import { useSession } from '../../stores/session.ts';
import { ErrorPanel, SkeletonRows } from '../../widgets/states.tsx';
import { useSheet } from '../frame/commands.ts';
import { isTyping } from '../frame/shortcuts.ts';
import { PartitionTree } from './PartitionTree.tsx';
import { PlanFigures } from './PlanFigures.tsx';
import { listHours } from './partition-tree.ts';
import classes from './partitions.module.css';
import { usePlanned } from './use-planned.ts';

const close = (): void => useSheet.setState({ sheet: null });

/**
 * Which partitions there are, how large, and which of them the questions on the screen read. It lies beside the work, not
 * over it: a range that is moved is seen here at once.
 */
export function PartitionsSheet(): ReactElement | null {
  const source = useSession((s) => s.source);
  return source === null ? null : <Sheet source={source} />;
}

function Sheet({ source }: { readonly source: SourceInfo }): ReactElement {
  const { planned, error, isStale } = usePlanned(source);
  const list = useMemo(() => listHours(source.partitions), [source.partitions]);
  const first = useRef<HTMLButtonElement>(null);
  useFocusReturn({ opened: true });
  useEffect(() => first.current?.focus(), []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented && !isTyping(event.target)) close();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <dialog open className={classes.sheet} aria-label="Partitions">
      <header className={classes.head}>
        <h2 className={classes.title}>Partitions</h2>
        <ActionIcon ref={first} aria-label="Close the partitions" onClick={close}>
          <X size={14} />
        </ActionIcon>
      </header>
      {error !== null && <ErrorPanel error={error} title="What would be read is not known" />}
      {planned === null ? (
        error === null && (
          <div className={classes.body}>
            <SkeletonRows rows={14} />
          </div>
        )
      ) : (
        <div className={classes.body} data-stale={isStale || undefined} aria-busy={isStale}>
          <PlanFigures planned={planned} />
          <div className={classes.scroll}>
            <PartitionTree list={list} partitions={planned.partitions} plan={planned.plan} />
          </div>
        </div>
      )}
    </dialog>
  );
}
