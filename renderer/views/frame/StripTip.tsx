import type { ReactElement, ReactNode } from 'react';
import { formatCount } from '../../widgets/format.ts';
import classes from './HeatStrip.module.css';
import type { Span, StripBin } from './strip-bins.ts';
import { formatSpan } from './strip-range.ts';
import { clamp, toShare } from './strip-scale.ts';

/** The range, drawn over the bars. */
export function Selection({ span, domain }: { readonly span: Span; readonly domain: Span }): ReactElement {
  const left = clamp(toShare(span.from, domain), 0, 1);
  const right = clamp(toShare(span.to, domain), 0, 1);
  return <div className={classes.selection} style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }} />;
}

export function BinTip({
  share,
  bin,
  zone,
}: {
  readonly share: number;
  readonly bin: StripBin;
  readonly zone: string;
}): ReactElement {
  return (
    <Tip share={share}>
      {formatSpan(bin, zone)} · <b>{formatCount(bin.rows)}</b> events
    </Tip>
  );
}
export function Tip({ share, children }: { readonly share: number; readonly children: ReactNode }): ReactElement {
  return (
    <div className={classes.tip} style={{ left: `${clamp(share, 0.15, 0.85) * 100}%` }}>
      {children}
    </div>
  );
}
