import { Button, Modal } from '@mantine/core';
import type { ReactElement } from 'react';
import type { SavedConnection } from '../../../protocol/index.ts';
import { useConnections } from '../../stores/connections.ts';
import { useChooser } from '../../stores/files.ts';
import classes from './Connection.module.css';
import { LineFields, PasswordFields, PlaceFields } from './ConnectionForm.tsx';
import { PasteField } from './PasteField.tsx';
import { TestResults } from './TestResults.tsx';
import { useEditor, type ConnectionEditor } from './use-editor.ts';
import type { TestState } from './use-test.ts';

/** A new connection to Postgres, or a saved one to change. */
export function ConnectionDialog(): ReactElement {
  const editing = useConnections((s) => s.editing);
  const { leave } = useConnections.getState();
  const isChoosing = useChooser((s) => s.task !== null);
  const name = editing?.connection?.name;
  return (
    <Modal
      opened={editing !== null}
      onClose={leave}
      closeOnClickOutside={false}
      closeOnEscape={!isChoosing}
      title={name === undefined ? 'Connect to Postgres' : `Connection ${name}`}
      size={1000}
    >
      {editing !== null && <Editor before={editing.connection} />}
    </Modal>
  );
}

function Editor({ before }: { readonly before: SavedConnection | null }): ReactElement {
  const editor = useEditor(before);
  const { set, test } = editor;
  return (
    <form
      className={classes.dialog}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        editor.connect();
      }}
    >
      <PasteField
        onRead={({ name: _name, environment: _environment, ...where }, secret) => {
          set(where);
          if (secret !== null) editor.setPassword(secret);
        }}
      />
      <div className={classes.columns}>
        <Fields editor={editor} />
        <section className={classes.test} aria-label="Test" aria-live="polite">
          <TestResults state={test.state} onStop={test.stop} />
        </section>
      </div>
      <Footer editor={editor} />
    </form>
  );
}

function Fields({ editor }: { readonly editor: ConnectionEditor }): ReactElement {
  const whyNot = useConnections((s) => s.whyNotRemember);
  return (
    <div className={classes.fields}>
      <PlaceFields {...editor} />
      <PasswordFields
        password={editor.password}
        remember={editor.remember}
        placeholder={editor.isKept ? 'Kept; type to replace it' : 'From ~/.pgpass, or asked for'}
        error={wrongPassword(editor.test.state)}
        whyNot={whyNot}
        onPassword={editor.setPassword}
        onRemember={editor.setRemember}
      />
      <LineFields {...editor} />
    </div>
  );
}

const wrongPassword = (state: TestState): string | undefined =>
  state.phase === 'done' && state.test.error?.code === 'E_AUTH' ? state.test.error.message : undefined;

function Footer({ editor }: { readonly editor: ConnectionEditor }): ReactElement {
  const { canSave, busy, test, runTest, saveOnly } = editor;
  return (
    <footer className={classes.footer}>
      <Button variant="default" loading={test.state.phase === 'testing'} onClick={runTest}>
        Test connection
      </Button>
      <span className={classes.grow} />
      <Button variant="subtle" disabled={!canSave || busy} onClick={saveOnly}>
        Save without opening
      </Button>
      <Button variant="filled" type="submit" loading={busy}>
        {canSave ? 'Save and connect' : 'Connect'}
      </Button>
    </footer>
  );
}
