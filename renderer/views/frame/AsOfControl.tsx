import {
  ActionIcon,
  Button,
  Popover,
  TextInput,
  Tooltip,
  UnstyledButton,
  type UnstyledButtonProps,
} from '@mantine/core';
import { Pause, Play as PlayIcon } from 'lucide-react';
import { memo, useLayoutEffect, useRef, useState, type ComponentProps, type ReactElement } from 'react';
import { MomentSchema } from '../../../protocol/index.ts';
import { useSession } from '../../stores/session.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import classes from './AsOfControl.module.css';
import { formatAsOf } from './strip-range.ts';
import type { Play } from './use-play.ts';

/** As of in words, play, and exact entry of both clocks. */
export const AsOfControl = memo(function AsOfControl({ play }: { readonly play: Play }): ReactElement {
  const [opened, setOpened] = useState(false);
  return (
    <div className={classes.control}>
      <Tooltip label={play.isPlaying ? 'Pause' : 'Play as of through time'}>
        <ActionIcon
          aria-label={play.isPlaying ? 'Pause' : 'Play as of through time'}
          aria-pressed={play.isPlaying}
          onClick={play.toggle}
        >
          {play.isPlaying ? <Pause size={16} /> : <PlayIcon size={16} />}
        </ActionIcon>
      </Tooltip>
      <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus returnFocus width={300}>
        <Popover.Target>
          <Target onClick={() => setOpened((o) => !o)} />
        </Popover.Target>
        <Popover.Dropdown>
          <AsOfForm onDone={() => setOpened(false)} />
        </Popover.Dropdown>
      </Popover>
      <Now />
    </div>
  );
});

/** What follows the hand is small: the popover around it is not rendered while as of is dragged. */
function Target(props: UnstyledButtonProps & ComponentProps<'button'>): ReactElement {
  const asOf = useWorkspace((s) => s.document.asOf);
  const knownAt = useWorkspace((s) => s.document.knownAt);
  const zone = useWorkspace((s) => s.document.timezone);
  const text = asOf === null ? 'now' : formatAsOf(asOf, zone);
  return (
    <UnstyledButton
      {...props}
      className={classes.target}
      data-set={asOf !== null || undefined}
      aria-label={`As of ${text}`}
      aria-haspopup="dialog"
    >
      <span className={classes.label}>
        {knownAt === null ? 'As of' : `As of, known at ${formatAsOf(knownAt, zone)}`}
      </span>
      <span className={classes.value}>{text}</span>
    </UnstyledButton>
  );
}

function Now(): ReactElement {
  const isNow = useWorkspace((s) => s.document.asOf === null);
  return (
    <Button
      className={classes.now}
      size="xs"
      variant="subtle"
      style={{ visibility: isNow ? 'hidden' : 'visible' }}
      onClick={() => useWorkspace.getState().setAsOf(null)}
    >
      Now
    </Button>
  );
}

const check = (text: string): string | null =>
  text.trim() === '' || MomentSchema.safeParse(text.trim().replace(' ', 'T')).success
    ? null
    : 'Write 2024-05-01 or 2024-05-01 13:00.';
/** A bare date means its last moment here, as people mean it. */
const toMoment = (text: string): string | null => {
  const moment = text.trim().replace(' ', 'T');
  if (moment === '') return null;
  return moment.length === 10 ? `${moment}T23:59:59.999` : moment;
};

/** As one would type it: what ends with its day is that day. */
const entryOf = (moment: string | null, zone: string): string => {
  if (moment === null) return '';
  const short = formatAsOf(moment, zone);
  return short.length === 10 ? short : moment.replace('T', ' ');
};

function AsOfForm({ onDone }: { readonly onDone: () => void }): ReactElement {
  const { document, setAsOf, setKnownAt } = useWorkspace.getState();
  // The popover's own focus comes late: letters typed at once would be lost.
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.select(), []);
  const hasRecordedAt = useSession((s) => s.source?.hasRecordedAt === true);
  const [asOf, editAsOf] = useState(() => entryOf(document.asOf, document.timezone));
  const [knownAt, editKnownAt] = useState(() => entryOf(document.knownAt, document.timezone));
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (check(asOf) !== null || check(knownAt) !== null) return;
        if (toMoment(asOf) !== document.asOf) setAsOf(toMoment(asOf));
        if (toMoment(knownAt) !== document.knownAt) setKnownAt(toMoment(knownAt));
        onDone();
      }}
    >
      <TextInput
        label="As of: only what happened up to"
        description={`${document.timezone}; empty is now`}
        value={asOf}
        error={check(asOf)}
        ref={field}
        data-autofocus
        onChange={(e) => editAsOf(e.currentTarget.value)}
      />
      <TextInput
        label="Known at: only what was recorded up to"
        description={
          hasRecordedAt
            ? `${document.timezone}; empty is everything`
            : 'This source does not say when rows were recorded.'
        }
        disabled={!hasRecordedAt}
        value={knownAt}
        error={check(knownAt)}
        onChange={(e) => editKnownAt(e.currentTarget.value)}
      />
      <Button type="submit" variant="filled">
        Set the time
      </Button>
    </form>
  );
}
