import { useMemo, useRef, type RefObject } from 'react';
import { svgExports } from '../../widgets/svg-export.ts';
import type { PictureSource } from './AnalysisExport.tsx';

/** An own drawing as something to export: give `svg` to the drawing, `picture` to the export menu. */
export function useSvgPicture(): {
  readonly svg: RefObject<SVGSVGElement | null>;
  readonly picture: RefObject<PictureSource | null>;
} {
  const svg = useRef<SVGSVGElement | null>(null);
  const exports = useMemo(
    () =>
      svgExports(
        () => svg.current,
        () => getComputedStyle(document.documentElement).getPropertyValue('--panel').trim(),
      ),
    [],
  );
  const picture = useRef<PictureSource | null>(exports);
  return { svg, picture };
}
