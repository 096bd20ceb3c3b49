import { svgExports } from '../../widgets/svg-export.ts';
import type { PictureSource } from './AnalysisExport.tsx';

/** An own drawing as something to export. */
export function getSvgPicture(svg: SVGSVGElement | null, title: string): PictureSource | null {
  if (svg === null) return null;
  const { getSvg, getPng } = svgExports(
    () => svg,
    () => getComputedStyle(document.documentElement).getPropertyValue('--panel').trim(),
  );
  return { getSvg: () => getSvg(title), getPng: () => getPng(title) };
}
