import { ActionIcon, Checkbox, PasswordInput, SegmentedControl, TextInput } from '@mantine/core';
import { FolderOpen } from 'lucide-react';
import type { ReactElement } from 'react';
import { ENVIRONMENTS, TLS_MODES, type TlsMode } from '../../../protocol/index.ts';
import { pickFile } from '../../stores/files.ts';
import { notifyError } from '../frame/run-command.ts';
import { tlsOf, type ConnectionFields, type FieldErrors } from './connection-draft.ts';
import classes from './Connection.module.css';
import { ENVIRONMENT_NAMES, PlaintextBadge } from './Environment.tsx';

export interface FormProps {
  readonly fields: ConnectionFields;
  readonly errors: FieldErrors;
  readonly set: (part: Partial<ConnectionFields>) => void;
}

type TextField = Exclude<keyof ConnectionFields, 'environment' | 'tls'>;
interface TextProps extends FormProps {
  readonly field: TextField;
  readonly label: string;
  readonly placeholder?: string;
  readonly description?: string;
  readonly rightSection?: ReactElement;
}
function Text({ fields, errors, set, field, label, placeholder, description, rightSection }: TextProps): ReactElement {
  return (
    <TextInput
      label={label}
      {...(placeholder === undefined ? {} : { placeholder })}
      {...(description === undefined ? {} : { description })}
      {...(rightSection === undefined ? {} : { rightSection })}
      value={fields[field]}
      error={errors[field]}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => set({ [field]: event.currentTarget.value })}
    />
  );
}

const asEnvironment = (value: string): ConnectionFields['environment'] =>
  ENVIRONMENTS.find((each) => each === value) ?? 'none';

/** Who is called what, and where it is. */
export function PlaceFields(props: FormProps): ReactElement {
  const { fields, set } = props;
  return (
    <>
      <Text {...props} field="name" label="Name" placeholder="Shop events" />
      <div>
        <span className={classes.label} id="connection-environment">
          Environment
        </span>
        <SegmentedControl
          fullWidth
          aria-labelledby="connection-environment"
          data={[
            { value: 'none', label: 'None' },
            ...ENVIRONMENTS.map((value) => ({ value, label: ENVIRONMENT_NAMES[value] })),
          ]}
          value={fields.environment}
          onChange={(value) => set({ environment: asEnvironment(value) })}
        />
      </div>
      <div className={classes.hostAndPort}>
        <Text {...props} field="hosts" label="Host" placeholder="db.example.com" />
        <Text {...props} field="port" label="Port" />
      </div>
      <div className={classes.pair}>
        <Text {...props} field="database" label="Database" />
        <Text {...props} field="schema" label="Schema" />
      </div>
      <Text {...props} field="user" label="User" />
    </>
  );
}

export interface PasswordProps {
  readonly password: string;
  readonly remember: boolean;
  readonly placeholder: string;
  readonly whyNot: string | null;
  readonly onPassword: (password: string) => void;
  readonly onRemember: (remember: boolean) => void;
  readonly error?: string | undefined;
  readonly takesFocus?: boolean;
}

/** Remembering is only offered where a real keychain is. */
export function PasswordFields(props: PasswordProps): ReactElement {
  const { password, remember, placeholder, whyNot, onPassword, onRemember, error, takesFocus = false } = props;
  return (
    <div className={classes.password}>
      <PasswordInput
        label="Password"
        value={password}
        placeholder={placeholder}
        autoComplete="off"
        data-autofocus={takesFocus || undefined}
        error={error}
        onChange={(event) => onPassword(event.currentTarget.value)}
      />
      {whyNot === null ? (
        <Checkbox
          label="Remember it in the system’s keychain"
          checked={remember}
          onChange={(event) => onRemember(event.currentTarget.checked)}
        />
      ) : (
        <p className={classes.muted}>{whyNot}</p>
      )}
    </div>
  );
}

function ChooseFile({ onChoose }: { readonly onChoose: (path: string) => void }): ReactElement {
  const choose = async (): Promise<void> => {
    const path = await pickFile('certificate');
    if (path !== null) onChoose(path);
  };
  return (
    <ActionIcon aria-label="Choose the CA file" onClick={() => void choose().catch(notifyError)}>
      <FolderOpen size={14} />
    </ActionIcon>
  );
}

const TLS_NAMES: Readonly<Record<TlsMode, string>> = { 'verify-full': 'TLS, host verified', plaintext: 'Plaintext' };

/** How the line is protected and led. */
export function LineFields(props: FormProps): ReactElement {
  const { fields, set } = props;
  const { mode, leavesMachine } = tlsOf(fields);
  return (
    <>
      <div>
        <span className={classes.labelRow}>
          <span className={classes.label} id="connection-tls">
            Encryption
          </span>
          {mode === 'plaintext' && leavesMachine && <PlaintextBadge />}
        </span>
        <SegmentedControl
          fullWidth
          aria-labelledby="connection-tls"
          data={TLS_MODES.map((value) => ({ value, label: TLS_NAMES[value] }))}
          value={mode}
          onChange={(value) => set({ tls: TLS_MODES.find((each) => each === value) ?? null })}
        />
        {mode === 'plaintext' && (
          <p className={leavesMachine ? classes.dangerNote : classes.note}>
            {leavesMachine
              ? 'Whoever sits on the line reads all data and can take the session over.'
              : 'The line does not leave this machine.'}
          </p>
        )}
      </div>
      <details className={classes.more} open={fields.caFile !== '' || fields.ssh !== '' || undefined}>
        <summary>CA file, SSH tunnel, application name, connections</summary>
        <div className={classes.fields}>
          {mode === 'verify-full' && (
            <Text
              {...props}
              field="caFile"
              rightSection={<ChooseFile onChoose={(caFile) => set({ caFile })} />}
              label="CA file"
              placeholder="Authorities that Tributary knows"
              description="PEM file of your own authority, if the certificate is from one"
            />
          )}
          <Text
            {...props}
            field="ssh"
            label="SSH tunnel"
            placeholder="user@bastion.example.com"
            description="Through the system’s ssh, to a host whose key it knows"
          />
          <Text
            {...props}
            field="applicationName"
            label="Application name"
            description="What the server’s administrators see"
          />
          <Text
            {...props}
            field="connections"
            label="Connections at most"
            description="To this server at a time, of analyses, following and SQL together"
          />
        </div>
      </details>
    </>
  );
}
