import { Menu, TextInput } from '@mantine/core';
import { ArrowDown, ArrowUp, Copy, Ellipsis, GripVertical, Pencil, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState, type HTMLAttributes, type KeyboardEvent, type ReactElement } from 'react';
import type { FunnelStep } from '../../../protocol/index.ts';
import { getMatchLabel } from '../editors/event-match.ts';
import { MatchEditor } from '../editors/MatchEditor.tsx';
import type { Drag } from '../editors/use-reorder.ts';
import editors from '../editors/editors.module.css';
import { withoutKey } from './funnel-edits.ts';
import classes from './funnel.module.css';

export interface StepCardProps {
  readonly index: number;
  readonly count: number;
  readonly step: FunnelStep;
  readonly drag: Drag | null;
  readonly handleProps: HTMLAttributes<HTMLElement>;
  readonly onReorderKey: (event: KeyboardEvent) => void;
  readonly onChange: (change: (step: FunnelStep) => FunnelStep, label: string) => void;
  readonly onMove: (to: number) => void;
  readonly onRemove: () => void;
  readonly onDuplicate: () => void;
  readonly onAdd: () => void;
}

/** One step: its events and filters, and in the menu its name and rules. */
export function StepCard(props: StepCardProps): ReactElement {
  const { index, step, drag, onChange } = props;
  const [naming, setNaming] = useState(false);
  const label = getMatchLabel(step);
  const onHandleKey = (event: KeyboardEvent): void => {
    props.onReorderKey(event);
    if (event.key === 'Delete' || event.key === 'Backspace') props.onRemove();
    if (event.key === '+') props.onAdd();
  };
  const setName = (name: string): void => {
    setNaming(false);
    onChange((old) => (name === '' ? withoutKey(old, 'name') : { ...old, name }) as FunnelStep, 'Name a step');
  };
  return (
    <li
      data-item=""
      className={classes.step}
      data-dragged={drag?.from === index}
      data-drop={getDropEdge(drag, index)}
      aria-label={`Step ${index + 1}: ${label}`}
    >
      <button
        type="button"
        data-handle=""
        className={classes.handle}
        title="Drag, or Alt+↑ and Alt+↓ to move; Delete removes"
        aria-label={`Step ${index + 1} of ${props.count}, ${label}. Alt and arrow keys move it, Delete removes it, plus adds one.`}
        aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Delete +"
        onKeyDown={onHandleKey}
        {...props.handleProps}
      >
        <GripVertical size={12} aria-hidden />
        <span className={classes.number}>{index + 1}</span>
      </button>
      <div className={classes.stepBody}>
        {naming ? (
          <NameInput
            name={step.name ?? ''}
            label={`Name of step ${index + 1}`}
            onDone={setName}
            onCancel={() => setNaming(false)}
          />
        ) : (
          step.name !== undefined && (
            <button type="button" className={classes.stepName} title="Rename" onClick={() => setNaming(true)}>
              {step.name}
            </button>
          )
        )}
        <MatchEditor subject={`step ${index + 1}`} match={step} onChange={(next, what) => onChange(() => next, what)} />
        {(step.optional === true || step.firstTimeOnly === true) && (
          <p className={classes.flags}>
            {[step.optional === true ? 'Optional' : '', step.firstTimeOnly === true ? 'First time only' : '']
              .filter((t) => t !== '')
              .join(' · ')}
          </p>
        )}
      </div>
      <StepMenu {...props} onName={() => setNaming(true)} />
    </li>
  );
}

function StepMenu(props: StepCardProps & { onName: () => void }): ReactElement {
  const { index, count, step, onChange } = props;
  const toggle = (key: 'optional' | 'firstTimeOnly', label: string): void =>
    onChange((old) => (old[key] === true ? withoutKey(old, key) : { ...old, [key]: true }) as FunnelStep, label);
  return (
    <Menu position="bottom-end" width={208} returnFocus>
      <Menu.Target>
        <button type="button" className={editors.icon} aria-label={`More for step ${index + 1}`}>
          <Ellipsis size={14} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.CheckboxItem
          checked={step.firstTimeOnly === true}
          closeMenuOnClick
          onChange={() => toggle('firstTimeOnly', 'First time only')}
        >
          First time only
        </Menu.CheckboxItem>
        <Menu.CheckboxItem
          checked={step.optional === true}
          closeMenuOnClick
          disabled={index === 0}
          onChange={() => toggle('optional', 'Make a step optional')}
        >
          Optional
        </Menu.CheckboxItem>
        <Menu.Divider />
        <Menu.Item leftSection={<Pencil size={13} />} onClick={props.onName}>
          Rename
        </Menu.Item>
        <Menu.Item leftSection={<Copy size={13} />} onClick={props.onDuplicate}>
          Duplicate
        </Menu.Item>
        <Menu.Item leftSection={<ArrowUp size={13} />} disabled={index === 0} onClick={() => props.onMove(index - 1)}>
          Move up
        </Menu.Item>
        <Menu.Item
          leftSection={<ArrowDown size={13} />}
          disabled={index === count - 1}
          onClick={() => props.onMove(index + 1)}
        >
          Move down
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<Trash2 size={13} />} disabled={count === 1} onClick={props.onRemove}>
          Remove step
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function NameInput({
  name,
  label,
  onDone,
  onCancel,
}: {
  name: string;
  label: string;
  onDone: (name: string) => void;
  onCancel: () => void;
}): ReactElement {
  const [text, setText] = useState(name);
  const input = useRef<HTMLInputElement>(null);
  const settled = useRef(false);
  /** Enter, Escape and leaving the field each end it once: the blur that follows says nothing new. */
  const settle = (how: () => void): void => {
    if (!settled.current) how();
    settled.current = true;
  };
  useEffect(() => {
    // A frame later: the menu this comes from gives the focus back to its button when it closes.
    const frame = requestAnimationFrame(() => focusAll(input.current));
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <TextInput
      ref={input}
      mb={4}
      aria-label={label}
      placeholder="Name shown in the chart"
      value={text}
      onChange={(e) => setText(e.currentTarget.value)}
      onBlur={() => settle(() => onDone(text.trim()))}
      onKeyDown={(e) => {
        if (e.key === 'Enter') settle(() => onDone(text.trim()));
        if (e.key === 'Escape') {
          e.stopPropagation();
          settle(onCancel);
        }
      }}
    />
  );
}

function focusAll(input: HTMLInputElement | null): void {
  input?.focus();
  input?.select();
}

/** The line that shows where a dragged card would go. */
function getDropEdge(drag: Drag | null, index: number): 'before' | 'after' | undefined {
  if (drag === null || drag.to !== index || drag.from === index) return undefined;
  return drag.to < drag.from ? 'before' : 'after';
}
