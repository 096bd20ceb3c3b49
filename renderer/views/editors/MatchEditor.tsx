import { Plus, X } from 'lucide-react';
import { useState, type ReactElement } from 'react';
import type { EventMatch } from '../../../protocol/index.ts';
import { getAlternatives, withAlternatives, type Alternative } from './event-match.ts';
import { EventPicker } from './EventPicker.tsx';
import { WhereEditor } from './WhereEditor.tsx';
import { withoutUndefined } from './without-undefined.ts';
import classes from './editors.module.css';

export interface MatchEditorProps<T extends EventMatch> {
  /** For screen readers: `step 2`, `exclusion 1`. */
  readonly subject: string;
  readonly match: T;
  readonly onChange: (match: T, label: string) => void;
}

/** Which events count: any of several, each with its own filters. */
export function MatchEditor<T extends EventMatch>({ subject, match, onChange }: MatchEditorProps<T>): ReactElement {
  const [adding, setAdding] = useState(false);
  const alternatives = getAlternatives(match);
  const put = (next: readonly Alternative[], label: string): void => onChange(withAlternatives(match, next), label);
  const update = (i: number, part: Partial<Alternative>, label: string): void =>
    put(
      alternatives.map((a, j) => (i === j ? (withoutUndefined({ ...a, ...part }) as Alternative) : a)),
      label,
    );
  return (
    <div className={classes.match}>
      {alternatives.map((alternative, i) => (
        // oxlint-disable-next-line react/no-array-index-key -- alternatives have no identity but their place
        <div key={i} className={classes.alternative}>
          <div className={classes.line}>
            {i > 0 && <span className={classes.or}>or</span>}
            <EventPicker
              label={`Event of ${subject}${i === 0 ? '' : `, alternative ${i + 1}`}`}
              value={alternative.event}
              onChange={(event) => update(i, { event }, 'Change the event')}
            />
            {alternatives.length > 1 && (
              <button
                type="button"
                className={classes.icon}
                aria-label={`Remove ${alternative.event ?? 'any event'} from ${subject}`}
                onClick={() => put(alternatives.toSpliced(i, 1), 'Remove an alternative')}
              >
                <X size={14} />
              </button>
            )}
          </div>
          <div className={classes.under}>
            <WhereEditor
              subject={`${subject}, ${alternative.event ?? 'any event'}`}
              where={alternative.where}
              onChange={(where) => update(i, { where }, 'Change a filter')}
            />
            {i === alternatives.length - 1 && !adding && (
              <button
                type="button"
                className={classes.quiet}
                aria-label={`Add an alternative event to ${subject}`}
                onClick={() => setAdding(true)}
              >
                <Plus size={12} aria-hidden /> Or event
              </button>
            )}
          </div>
        </div>
      ))}
      {adding && (
        <div className={classes.line}>
          <span className={classes.or}>or</span>
          <EventPicker
            label={`New alternative of ${subject}`}
            value={undefined}
            opened
            onChange={(event) => {
              setAdding(false);
              put([...alternatives, { event }], 'Add an alternative');
            }}
          />
          <button type="button" className={classes.icon} aria-label="Do not add" onClick={() => setAdding(false)}>
            <X size={14} />
          </button>
        </div>
      )}
    </div>
  );
}
