import type { ReactElement } from 'react';
import type { Analysis } from '../../../protocol/index.ts';
import { engine } from '../../engine/client.ts';
import { effectiveAnalysis } from '../../stores/answers.ts';
import { useFrame } from '../../stores/frame.ts';
import { useSession } from '../../stores/session.ts';
import { getCliCommand } from '../../widgets/cli-command.ts';
import { ExportMenu } from '../../widgets/ExportMenu.tsx';
import { openAsSql } from './open-as-sql.ts';

/** What a chart or a drawing gives away: `ChartHandle`, or `svgExports` of an own drawing. */
export interface PictureSource {
  getSvg(): string | Promise<string>;
  getPng(): Blob | Promise<Blob>;
}
export interface AnalysisExportProps {
  /** For file names: `flow from account_created`. */
  readonly name: string;
  readonly analysis: Analysis;
  /** Absent for tables. */
  readonly picture?: () => PictureSource | null;
  readonly disabled?: boolean;
}

/** Every way out of a view: picture, table, question. What leaves is what is on the screen, frame included. */
export function AnalysisExport({ name, analysis, picture, disabled }: AnalysisExportProps): ReactElement | null {
  const source = useSession((s) => s.source);
  const frame = useFrame();
  if (source === null) return null;
  const effective = effectiveAnalysis(analysis, frame);
  const get = (): PictureSource => {
    const drawn = picture?.() ?? null;
    if (drawn === null) throw new Error('The chart is not drawn yet.');
    return drawn;
  };
  return (
    <ExportMenu
      name={name}
      analysis={effective}
      getCliCommand={() => getCliCommand(source.ref, effective)}
      getCsv={() => engine.csv({ analysis: effective })}
      disabled={disabled === true}
      openSql={() => openAsSql(name, effective)}
      {...(picture === undefined ? {} : { getSvg: () => get().getSvg(), getPng: () => get().getPng() })}
    />
  );
}
