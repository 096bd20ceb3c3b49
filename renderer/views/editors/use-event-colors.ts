import { useMemo } from 'react';
import { getEventColors, type ColorOf } from '../../charts/palette.ts';
import { useChartTheme } from '../../charts/use-chart-theme.ts';
import { useSession } from '../../stores/session.ts';

/** The colour of each event type, the same in every view. */
export function useEventColors(): ColorOf {
  const theme = useChartTheme();
  const vocabulary = useSession((s) => s.vocabulary);
  return useMemo(() => getEventColors(theme, vocabulary?.events.map((e) => e.name) ?? []), [theme, vocabulary]);
}
