import { svgExports } from '../../widgets/svg-export.ts';
import type { PictureSource } from './AnalysisExport.tsx';

/** An own drawing as something to export. */
export function getSvgPicture(svg: SVGSVGElement | null): PictureSource | null {
  if (svg === null) return null;
  return svgExports(
    () => svg,
    () => getComputedStyle(document.documentElement).getPropertyValue('--panel').trim(),
  );
}
