import type { ReactElement } from 'react';

/** Three streams that become one, in the stage hues. */
export function Logo(): ReactElement {
  return (
    <svg width="40" height="40" viewBox="0 0 40 40" fill="none" strokeLinecap="round" strokeWidth="4" aria-hidden>
      <path d="M4 8c12 0 12 12 24 12" stroke="var(--stage-lead)" />
      <path d="M4 32c12 0 12-12 24-12" stroke="var(--stage-prospect)" />
      <path d="M4 20h32" stroke="var(--stage-customer)" />
    </svg>
  );
}
