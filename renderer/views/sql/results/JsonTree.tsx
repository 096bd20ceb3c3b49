import type { ReactElement } from 'react';
import classes from './results.module.css';

/** Below this depth branches begin closed. */
const OPEN_DEPTH = 3;
const MOST_ENTRIES = 500;

/** A JSON value as a tree that opens and closes. */
export function JsonTree({ value, depth = 0 }: { readonly value: unknown; readonly depth?: number }): ReactElement {
  if (typeof value !== 'object' || value === null) return <Leaf value={value} />;
  const entries = Object.entries(value);
  return (
    <ul className={classes.tree}>
      {entries.slice(0, MOST_ENTRIES).map(([key, inner]) => (
        <li key={key}>
          <Entry name={key} value={inner} depth={depth} />
        </li>
      ))}
      {entries.length > MOST_ENTRIES && <li className={classes.key}>… and {entries.length - MOST_ENTRIES} more</li>}
    </ul>
  );
}

function Entry({
  name,
  value,
  depth,
}: {
  readonly name: string;
  readonly value: unknown;
  readonly depth: number;
}): ReactElement {
  if (typeof value !== 'object' || value === null)
    return (
      <>
        <span className={classes.key}>{name}: </span>
        <Leaf value={value} />
      </>
    );
  const size = Object.keys(value).length;
  return (
    <details open={depth < OPEN_DEPTH}>
      <summary>
        <span className={classes.key}>
          {name} {Array.isArray(value) ? `[${size}]` : `{${size}}`}
        </span>
      </summary>
      <JsonTree value={value} depth={depth + 1} />
    </details>
  );
}

function Leaf({ value }: { readonly value: unknown }): ReactElement {
  if (typeof value === 'string') return <span className={classes.str}>{JSON.stringify(value)}</span>;
  return <span className={value === null ? classes.key : classes.num}>{String(value)}</span>;
}
