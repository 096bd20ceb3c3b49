import type { ReactElement } from 'react';
import { useChooser } from '../../stores/files.ts';

export function SourceChooser(): ReactElement | null {
  const task = useChooser((s) => s.task);
  return task === null ? null : <span>{task.purpose}</span>;
}
