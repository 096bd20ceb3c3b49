import { Button, Popover, Select, TextInput, UnstyledButton, type UnstyledButtonProps } from '@mantine/core';
import { CalendarRange } from 'lucide-react';
import { memo, useState, type ComponentProps, type ReactElement } from 'react';
import { MomentSchema } from '../../../protocol/index.ts';
import { countPartitions } from '../../engine/partitions.ts';
import { useSession } from '../../stores/session.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { formatZone, fromLocalText } from '../../widgets/zoned-time.ts';
import classes from './RangeControl.module.css';
import { getLocalStart, type Span } from './strip-bins.ts';
import { formatRange, toRange, type Range } from './strip-range.ts';

/** The range in words; opens exact entry, presets and the time zone. */
export const RangeControl = memo(function RangeControl({ extent }: { readonly extent: Span }): ReactElement {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus returnFocus width={320}>
      <Popover.Target>
        <Target extent={extent} onClick={() => setOpened((o) => !o)} />
      </Popover.Target>
      <Popover.Dropdown>
        <RangeForm extent={extent} onDone={() => setOpened(false)} />
      </Popover.Dropdown>
    </Popover>
  );
});

/** Follows the hand; the popover around it is not rendered while the range is dragged. */
function Target({
  extent,
  ...props
}: UnstyledButtonProps & ComponentProps<'button'> & { readonly extent: Span }): ReactElement {
  const range = useWorkspace((s) => s.document.range);
  const zone = useWorkspace((s) => s.document.timezone);
  const isWhole = range.from === null && range.to === null;
  const isEmpty = useSession((s) => s.source !== null && countPartitions(s.source) === 0);
  const text = isEmpty ? 'No events' : formatRange(range, extent, zone);
  return (
    <UnstyledButton
      {...props}
      className={classes.target}
      aria-label={`Range: ${isWhole ? 'all, ' : ''}${text}, ${zone}`}
      aria-haspopup="dialog"
    >
      <CalendarRange size={16} aria-hidden />
      <span className={classes.lines}>
        <span className={classes.text}>{text}</span>
        <span className={classes.zone}>
          {isWhole ? 'All · ' : ''}
          {formatZone(zone, extent.to)}
        </span>
      </span>
    </UnstyledButton>
  );
}

const PRESETS = [
  ['7 days', 7],
  ['30 days', 30],
  ['90 days', 90],
  ['1 year', 365],
] as const;

/** Empty is open; `2024-05-01` or `2024-05-01 13:00`. */
const parse = (text: string): { readonly value: string | null; readonly error: string | null } => {
  const trimmed = text.trim();
  if (trimmed === '') return { value: null, error: null };
  const moment = trimmed.replace(' ', 'T');
  const isTime = MomentSchema.safeParse(moment).success && !Number.isNaN(fromLocalText(moment, 'UTC'));
  return isTime ? { value: moment, error: null } : { value: null, error: 'Write 2024-05-01 or 2024-05-01 13:00.' };
};

function RangeForm({ extent, onDone }: { readonly extent: Span; readonly onDone: () => void }): ReactElement {
  const { range, timezone: zone } = useWorkspace.getState().document;
  const [from, setFrom] = useState(range.from ?? '');
  const [to, setTo] = useState(range.to ?? '');
  const [start, end] = [parse(from), parse(to)];
  const isBackwards =
    start.value !== null && end.value !== null && fromLocalText(start.value, zone) > fromLocalText(end.value, zone);
  const apply = (next: Range): void => {
    useWorkspace.getState().setRange(next);
    onDone();
  };
  const last = (days: number): Range =>
    toRange({ from: getLocalStart(extent.to - 1, 'day', zone, 1 - days), to: extent.to }, extent, zone);
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (start.error === null && end.error === null && !isBackwards) apply({ from: start.value, to: end.value });
      }}
    >
      <fieldset className={classes.presets} aria-label="Last days of the data">
        {PRESETS.map(([text, days]) => (
          <Button key={days} size="xs" onClick={() => apply(last(days))}>
            {text}
          </Button>
        ))}
        <Button size="xs" onClick={() => apply({ from: null, to: null })}>
          All
        </Button>
      </fieldset>
      <TextInput
        label="From"
        value={from}
        placeholder="The first event"
        error={start.error}
        data-autofocus
        onChange={(event) => setFrom(event.currentTarget.value)}
      />
      <TextInput
        label="To, included"
        value={to}
        placeholder="The last event"
        error={end.error ?? (isBackwards ? 'This is before the start.' : null)}
        onChange={(event) => setTo(event.currentTarget.value)}
      />
      <ZoneSelect />
      <Button type="submit" variant="filled">
        Use this range
      </Button>
    </form>
  );
}

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

function ZoneSelect(): ReactElement {
  const zone = useWorkspace((s) => s.document.timezone);
  const setTimezone = useWorkspace((s) => s.setTimezone);
  return (
    <Select
      label="Time zone"
      data={ZONES}
      value={zone}
      searchable
      allowDeselect={false}
      limit={200}
      nothingFoundMessage="No such zone."
      comboboxProps={{ withinPortal: false }}
      onChange={(value) => {
        if (value !== null) setTimezone(value);
      }}
    />
  );
}
