import { Button, Loader } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { CircleAlert, CircleCheck, Copy, Info, TriangleAlert } from 'lucide-react';
import type { ReactElement } from 'react';
import type { Finding, FindingSeverity } from '../../../protocol/index.ts';
import { ErrorPanel } from '../../widgets/states.tsx';
import classes from './Connection.module.css';
import type { TestState } from './use-test.ts';

const ICONS: Readonly<Record<FindingSeverity, typeof Info>> = {
  danger: CircleAlert,
  warning: TriangleAlert,
  note: Info,
  good: CircleCheck,
};
const SEVERITIES: Readonly<Record<FindingSeverity, string>> = {
  danger: 'Danger',
  warning: 'Warning',
  note: 'Note',
  good: 'In order',
};

/** What a test found, the gravest first, each with how to mend it. */
export function TestResults({
  state,
  onStop,
}: {
  readonly state: TestState;
  readonly onStop: () => void;
}): ReactElement {
  if (state.phase === 'idle')
    return (
      <p className={classes.muted}>
        “Test connection” connects once, changes nothing, and says here what would go wrong and how to mend it.
      </p>
    );
  if (state.phase === 'testing')
    return (
      <output className={classes.testing}>
        <Loader size={16} />
        <span>Connecting…</span>
        <Button size="xs" onClick={onStop}>
          Stop
        </Button>
      </output>
    );
  const { error, findings, host, connectMs, serverVersion } = state.test;
  if (error !== null) return <ErrorPanel error={error} title="Not connected" />;
  return (
    <div className={classes.results}>
      <p className={classes.connected}>
        Connected to {host} in {connectMs} ms
        <span className={classes.muted}>PostgreSQL {serverVersion}</span>
      </p>
      <ul className={classes.findings} aria-label="What was found">
        {findings.map((each) => (
          <FindingRow key={`${each.code} ${each.text}`} finding={each} />
        ))}
      </ul>
    </div>
  );
}

function FindingRow({ finding: { severity, text, howToMend } }: { readonly finding: Finding }): ReactElement {
  const Icon = ICONS[severity];
  return (
    <li className={classes.finding} data-severity={severity}>
      <Icon size={16} aria-label={SEVERITIES[severity]} />
      <div>
        <p>{text}</p>
        {howToMend !== null && <Mend text={howToMend} />}
      </div>
    </li>
  );
}

/** Statements are there to be handed to an administrator. */
const STATEMENT = /^(?:CREATE|GRANT|REVOKE|ALTER|tributary) /m;
function Mend({ text }: { readonly text: string }): ReactElement {
  const clipboard = useClipboard({ timeout: 1500 });
  if (!STATEMENT.test(text)) return <p className={classes.muted}>{text}</p>;
  const lines = text.split('\n');
  const first = lines.findIndex((line) => STATEMENT.test(line));
  const statements = lines.slice(first).join('\n');
  return (
    <>
      {first > 0 && <p className={classes.muted}>{lines.slice(0, first).join(' ')}</p>}
      <pre className={classes.statements}>{statements}</pre>
      <Button
        size="xs"
        variant="subtle"
        color="gray"
        leftSection={<Copy size={12} />}
        onClick={() => clipboard.copy(statements)}
      >
        {clipboard.copied ? 'Copied' : 'Copy'}
      </Button>
    </>
  );
}
