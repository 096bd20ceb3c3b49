import { DatePickerInput } from '@mantine/dates';
import { CalendarDays } from 'lucide-react';
import type { ReactElement } from 'react';
import type { DateRange } from '../../../protocol/index.ts';
import { useSession } from '../../stores/session.ts';
import { useFrame } from '../../stores/frame.ts';
import { formatDate } from '../../widgets/zoned-time.ts';
import classes from './editors.module.css';

export interface RangeEditorProps {
  /** null or absent = the workspace's range. */
  readonly value: DateRange | null | undefined;
  readonly onChange: (range: DateRange | null) => void;
}
const day = (moment: string | null | undefined): string | null => moment?.slice(0, 10) ?? null;

/** The range of this analysis: the source bar's, or one of its own. Days are local to the workspace's zone. */
export function RangeEditor({ value, onChange }: RangeEditorProps): ReactElement {
  const { range: inherited, timezone: zone } = useFrame();
  const lastTime = useSession((s) => s.source?.lastTime ?? null);
  // Opens where the data is, not at today.
  const latest = lastTime === null ? undefined : formatDate(lastTime, zone);
  const own = value !== null && value !== undefined;
  return (
    <div className={classes.stack}>
      <DatePickerInput
        type="range"
        aria-label="Date range"
        placeholder={getRangeText(inherited)}
        leftSection={<CalendarDays size={13} />}
        valueFormat="D MMM YYYY"
        allowSingleDateInRange
        weekendDays={[]}
        {...(latest === undefined ? {} : { defaultDate: latest })}
        value={own ? [day(value.from), day(value.to)] : [null, null]}
        onChange={([from, to]) => {
          if (from !== null && to !== null) onChange({ from, to });
        }}
      />
      <p className={classes.note}>
        {own ? `Own range, ${zone}. ` : `Range of the source bar, ${zone}.`}
        {own && (
          <button type="button" className={classes.link} onClick={() => onChange(null)}>
            Use the source bar’s range
          </button>
        )}
      </p>
    </div>
  );
}

/** `2026-01-01 to 2026-02-01`, `All data`. */
export function getRangeText({ from, to }: DateRange): string {
  const a = day(from);
  const b = day(to);
  if (a === null && b === null) return 'All data';
  if (a === null) return `Until ${b ?? ''}`;
  return b === null ? `From ${a}` : `${a} to ${b}`;
}
