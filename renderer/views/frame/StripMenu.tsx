import { Menu } from '@mantine/core';
import { memo, type ReactElement } from 'react';
import classes from './HeatStrip.module.css';
import type { Span, StripBin } from './strip-bins.ts';
import { formatSpan, toAsOf, toRange, type Range } from './strip-range.ts';

export interface StripMenuProps {
  /** What was clicked and where, 0..1 across the strip; null = closed. */
  readonly place: { readonly share: number; readonly bin: StripBin } | null;
  readonly selected: Span;
  readonly extent: Span;
  readonly zone: string;
  readonly onRange: (range: Range) => void;
  readonly onAsOf: (asOf: string | null) => void;
  readonly onClose: () => void;
}

/** Right click on the strip: what one can do with the hours or days under the pointer. Closed, it stands still. */
export const StripMenu = memo(OpenMenu, (before, now) => before.place === null && now.place === null);

function OpenMenu({ place, selected, extent, zone, onRange, onAsOf, onClose }: StripMenuProps): ReactElement {
  const bin = place?.bin ?? { from: extent.from, to: extent.to };
  const setSpan = (from: number, to: number): void => onRange(toRange({ from, to }, extent, zone));
  return (
    <Menu opened={place !== null} onClose={onClose} position="bottom-start" returnFocus>
      <Menu.Target>
        <button
          type="button"
          tabIndex={-1}
          className={classes.anchor}
          aria-label="What to do with this time"
          style={{ left: `${(place?.share ?? 0) * 100}%` }}
        />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{formatSpan(bin, zone)}</Menu.Label>
        <Menu.Item onClick={() => setSpan(bin.from, bin.to)}>Only this</Menu.Item>
        <Menu.Item onClick={() => setSpan(bin.from, Math.max(selected.to, bin.to))}>From here on</Menu.Item>
        <Menu.Item onClick={() => setSpan(Math.min(selected.from, bin.from), bin.to)}>Up to here</Menu.Item>
        <Menu.Item onClick={() => onRange({ from: null, to: null })}>The whole range</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => onAsOf(toAsOf(bin.to, extent, zone))}>Look as of its end</Menu.Item>
        <Menu.Item onClick={() => onAsOf(null)}>Look at now</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
