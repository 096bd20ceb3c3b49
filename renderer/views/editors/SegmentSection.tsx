import { Menu, Select, TextInput } from '@mantine/core';
import { Ellipsis, Pencil, Split, Trash2, TriangleAlert } from 'lucide-react';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import type { Analysis, Condition, WorkspaceSegment } from '../../../protocol/index.ts';
import {
  addSegment,
  getSegmentUse,
  removeSegment,
  renameSegment,
  useSegments,
  withSegment,
} from '../../stores/segments.ts';
import { useSession } from '../../stores/session.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatUnits } from '../../widgets/format.ts';
import { notifyAction } from '../../widgets/notify-action.tsx';
import { Section } from './Section.tsx';
import classes from './editors.module.css';

export interface SegmentSectionProps {
  readonly where: Analysis['where'];
  /** An empty list is given as undefined. */
  readonly onChange: (where: Condition[] | undefined) => void;
  /** Absent: the analysis has no breakdown. */
  readonly onCompare?: ((segment: WorkspaceSegment) => void) | undefined;
}
const USES = [
  { value: 'all', label: 'Everybody' },
  { value: 'in', label: 'Only these' },
  { value: 'out', label: 'All but these' },
];

/** The segments of the workspace, and which of them an analysis is about. Nothing where there is none. */
export function SegmentSection({ where, onChange, onCompare }: SegmentSectionProps): ReactElement | null {
  const segments = useSegments();
  if (segments.length === 0) return null;
  return (
    <Section title="Segments">
      <ul className={classes.segments}>
        {segments.map((segment) => (
          <SegmentRow
            key={segment.table}
            segment={segment}
            use={getSegmentUse(where, segment)}
            onUse={(use) => onChange(withSegment(where, segment, use))}
            onCompare={onCompare}
          />
        ))}
      </ul>
    </Section>
  );
}

interface SegmentRowProps {
  readonly segment: WorkspaceSegment;
  readonly use: 'in' | 'out' | null;
  readonly onUse: (use: 'in' | 'out' | null) => void;
  readonly onCompare: SegmentSectionProps['onCompare'];
}
function SegmentRow({ segment, use, onUse, onCompare }: SegmentRowProps): ReactElement {
  const [isRenamed, setRenamed] = useState(false);
  const source = useSession((s) => s.source?.name);
  const { name, actors, source: from } = segment;
  const about = formatUnits(actors, 'actor');
  return (
    <li>
      <div className={classes.line}>
        {isRenamed ? (
          <NameField segment={segment} onDone={() => setRenamed(false)} />
        ) : (
          <span className={classes.segmentName} title={`${name}: ${about} of ${from}`}>
            {name}
          </span>
        )}
        <Select
          w={112}
          aria-label={`Segment ${name}`}
          data={USES}
          value={use ?? 'all'}
          allowDeselect={false}
          onChange={(value) => onUse(value === 'in' || value === 'out' ? value : null)}
        />
        <Menu position="bottom-end" width={220} returnFocus>
          <Menu.Target>
            <button type="button" className={classes.icon} aria-label={`More for segment ${name}`}>
              <Ellipsis size={14} />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            {onCompare !== undefined && (
              <Menu.Item leftSection={<Split size={13} />} onClick={() => onCompare(segment)}>
                Compare with all others
              </Menu.Item>
            )}
            <Menu.Item leftSection={<Pencil size={13} />} onClick={() => setRenamed(true)}>
              Rename
            </Menu.Item>
            <Menu.Item color="red" leftSection={<Trash2 size={13} />} onClick={() => remove(segment)}>
              Remove segment
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      <p className={classes.note}>
        {source === undefined || source === from ? (
          about
        ) : (
          <span
            className={classes.warn}
            title="The same people may have other ids here: the answer says how many it found."
          >
            <TriangleAlert size={12} aria-hidden /> {about} of another source, {from}
          </span>
        )}
      </p>
    </li>
  );
}

const MENU_CLOSES_MS = 200;
function NameField({ segment, onDone }: { segment: WorkspaceSegment; onDone: () => void }): ReactElement {
  const [name, setName] = useState(segment.name);
  const field = useRef<HTMLInputElement>(null);
  // The menu it was asked for in gives the focus back to its button when it has closed.
  useEffect(() => {
    const timer = setTimeout(() => field.current?.select(), MENU_CLOSES_MS);
    return () => clearTimeout(timer);
  }, []);
  const keep = (): void => {
    const wanted = name.trim();
    if (wanted !== '' && wanted !== segment.name) renameSegment(segment, wanted);
    onDone();
  };
  return (
    <TextInput
      className={classes.grow ?? ''}
      aria-label={`New name of segment ${segment.name}`}
      ref={field}
      maxLength={100}
      value={name}
      onChange={(e) => setName(e.currentTarget.value)}
      onBlur={keep}
      onKeyDown={(e) => {
        if (e.key === 'Enter') keep();
        if (e.key === 'Escape') onDone();
      }}
    />
  );
}

function remove(segment: WorkspaceSegment): void {
  removeSegment(segment);
  const after = useWorkspace.getState().document;
  notifyAction(`The segment “${segment.name}” is removed`, {
    label: 'Undo',
    // With other edits behind it, only the segment itself comes back.
    run: () => {
      const { document, undo } = useWorkspace.getState();
      if (document === after) undo();
      else addSegment(segment, (old) => old);
    },
  });
}
