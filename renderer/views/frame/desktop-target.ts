import { exportFile } from '../../stores/files.ts';
import { blobToBase64, type ExportTarget } from '../../widgets/export-target.ts';

/** Exports through the system's save dialog. */
export const desktopTarget: ExportTarget = {
  save: async (name, content) =>
    exportFile(name, typeof content === 'string' ? { text: content } : { base64: await blobToBase64(content) }),
};
