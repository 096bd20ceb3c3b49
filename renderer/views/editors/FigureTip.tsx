import type { ReactElement } from 'react';
import type { Tip } from '../../charts/picture.ts';
import { getTipPlace } from './tip-place.ts';
import classes from './figure.module.css';

export interface FigureTipProps {
  readonly tip: Tip;
  readonly hit: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** Of the drawing. */
  readonly width: number;
  readonly height: number;
}
const TIP_WIDTH = 240;

/** Exact numbers of the mark under pointer or keyboard. Screen readers get them as the mark's name. */
export function FigureTip({ tip, hit, width, height }: FigureTipProps): ReactElement {
  const lines = tip.rows.length + (tip.footer === undefined ? 1 : 2);
  const place = getTipPlace(hit, { width: TIP_WIDTH, height: 28 + 16 * lines }, { width, height });
  return (
    <div className={classes.tip} style={{ ...place, width: TIP_WIDTH }} aria-hidden>
      <p className={classes.tipTitle}>{tip.title}</p>
      <dl>
        {tip.rows.map((row) => (
          <div key={row.label}>
            <dt>
              {row.color !== undefined && <span className={classes.swatch} style={{ background: row.color }} />}
              {row.label}
            </dt>
            <dd>
              {row.value}
              {row.note !== undefined && <span>{row.note}</span>}
            </dd>
          </div>
        ))}
      </dl>
      {tip.footer !== undefined && <p className={classes.tipFooter}>{tip.footer}</p>}
    </div>
  );
}
