import { SegmentedControl } from '@mantine/core';
import type { ReactElement } from 'react';
import { useSettings } from '../../stores/settings.ts';

const CHOICES = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;

export function ThemeChoice(): ReactElement {
  const theme = useSettings((s) => s.settings.theme);
  return (
    <SegmentedControl
      aria-label="Theme"
      data={[...CHOICES]}
      value={theme}
      onChange={(value) => useSettings.getState().setTheme(CHOICES.find((c) => c.value === value)?.value ?? 'system')}
    />
  );
}
