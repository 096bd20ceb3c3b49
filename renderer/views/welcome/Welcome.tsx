import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { runCommandById } from '../frame/run-command.ts';

export function Welcome(): ReactElement {
  return (
    <main>
      <Button variant="filled" onClick={() => void runCommandById('file.openSample')}>
        Open the sample
      </Button>
    </main>
  );
}
