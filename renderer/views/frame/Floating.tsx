import type { ReactElement } from 'react';
import { ConnectionDialog } from '../connection/ConnectionDialog.tsx';
import { PasswordDialog } from '../connection/PasswordDialog.tsx';
import { SourceChooser } from '../source/SourceChooser.tsx';
import { ConfirmLeave } from './ConfirmLeave.tsx';
import { HelpSheet } from './HelpSheet.tsx';
import { Palette } from './Palette.tsx';

/** What floats above the page when it is called. */
export function Floating(): ReactElement {
  return (
    <>
      <Palette />
      <HelpSheet />
      <ConnectionDialog />
      <PasswordDialog />
      {/* Above the form of a connection, which asks it for a file. */}
      <SourceChooser />
      <ConfirmLeave />
    </>
  );
}
