import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { DesktopBridge, ShellCall, ShellEvent } from '../../protocol/index.ts';

/**
 * The narrow bridge (DesktopBridge): one call channel, one event channel, no Electron object handed out (20). The
 * engine's port (and that of ad-hoc SQL) cannot cross the context bridge; posting it to our own window is the documented way.
 */
const call = ((method: unknown, argument: unknown) => ipcRenderer.invoke('shell', method, argument)) as ShellCall;
const bridge: DesktopBridge = {
  call,
  onEvent: (listener) => {
    ipcRenderer.on('shell-event', (_event, event: ShellEvent) => listener(event));
  },
  pathOf: (file) => webUtils.getPathForFile(file as File),
};
contextBridge.exposeInMainWorld('tributary', bridge);
for (const line of ['engine-port', 'query-port'])
  ipcRenderer.on(line, (event) => window.postMessage(line, window.location.origin, event.ports));
