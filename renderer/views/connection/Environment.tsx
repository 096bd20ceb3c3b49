import type { ReactElement } from 'react';
import type { Environment } from '../../../protocol/index.ts';
import classes from './Connection.module.css';

export const ENVIRONMENT_NAMES: Readonly<Record<Environment, string>> = {
  production: 'Production',
  staging: 'Staging',
  development: 'Development',
};

/** What a server is for, in its colour and in words. */
export function EnvironmentBadge({ environment }: { readonly environment: Environment }): ReactElement {
  return (
    <span className={classes.environment} data-environment={environment}>
      {ENVIRONMENT_NAMES[environment]}
    </span>
  );
}

export function PlaintextBadge(): ReactElement {
  return (
    <span className={classes.plaintext} title="Nothing protects the line to this server">
      Plaintext
    </span>
  );
}
