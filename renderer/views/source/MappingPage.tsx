import type { ReactElement } from 'react';
import type { MappingTask } from '../../stores/session.ts';

export function MappingPage({ task }: { readonly task: MappingTask }): ReactElement {
  return <main>{task.ref.path}</main>;
}
