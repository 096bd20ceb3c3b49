import type { ReactElement } from 'react';
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
      <SourceChooser />
      <ConfirmLeave />
    </>
  );
}
