import { Button, NumberInput, Popover, UnstyledButton } from '@mantine/core';
import type { ReactElement } from 'react';
import type { SqlLimits } from '../../../protocol/index.ts';
import { QueryLimitsSchema } from '../../../protocol/query.ts';
import { setLimits, useSqlPart } from '../../stores/sql-tabs.ts';
import { formatBytes, formatCompact, formatMs } from '../../widgets/format.ts';
import classes from './sql.module.css';

const DEFAULTS: SqlLimits = QueryLimitsSchema.parse({});
interface Field {
  readonly key: keyof SqlLimits;
  readonly label: string;
  /** Units of the limit in one of the shown. */
  readonly unit: number;
  readonly suffix: string;
  readonly min: number;
  readonly max: number;
}
const FIELDS: readonly Field[] = [
  { key: 'rows', label: 'Rows of a result', unit: 1, suffix: '', min: 1, max: 4_000_000_000 },
  { key: 'deadlineMs', label: 'Time', unit: 1000, suffix: ' s', min: 1, max: 86_400 },
  { key: 'bytes', label: 'Result on disk', unit: 1_000_000, suffix: ' MB', min: 1, max: 1_000_000 },
  { key: 'memoryBytes', label: 'Memory of the query process', unit: 1_000_000, suffix: ' MB', min: 150, max: 64_000 },
];

/** What one run may take: shown, and changed here. */
export function LimitsButton(): ReactElement {
  const limits = useSqlPart((s) => s.limits) ?? DEFAULTS;
  const text = `${formatCompact(limits.rows)} rows · ${formatMs(limits.deadlineMs)}`;
  return (
    <Popover position="bottom-end" width={320} trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton
          className={classes.estimate}
          aria-label={`Limits: ${text}`}
          title={`At most ${text}, ${formatBytes(limits.bytes)} on disk, ${formatBytes(limits.memoryBytes)} of memory`}
        >
          ≤ {text}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={classes.limits}>
          {FIELDS.map(({ key, label, unit, suffix, min, max }) => (
            <Fields key={key} label={label}>
              <NumberInput
                aria-label={label}
                value={limits[key] / unit}
                min={min}
                max={max}
                suffix={suffix}
                thousandSeparator=","
                allowDecimal={false}
                hideControls
                onChange={(value) =>
                  typeof value === 'number' &&
                  value >= min &&
                  value <= max &&
                  setLimits({ ...limits, [key]: value * unit })
                }
              />
            </Fields>
          ))}
        </div>
        <Button size="xs" variant="subtle" mt={8} onClick={() => setLimits(null)}>
          Back to the usual limits
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}

const Fields = ({ label, children }: { readonly label: string; readonly children: ReactElement }): ReactElement => (
  <>
    <span>{label}</span>
    {children}
  </>
);
