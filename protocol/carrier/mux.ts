// Virtual MessagePorts over one dumb message pipe (WebSocket, Electron MessagePortMain, ...).
// Comlink stays unmodified: it transfers real MessagePorts for Comlink.proxy()/AbortSignal;
// the mux swaps each transferred port for a channel id and bridges it.
import type { Endpoint } from 'comlink';

export interface Pipe {
  send(packet: Packet): void;
  onPacket(cb: (p: Packet) => void): void;
}
export interface Packet { ch: number; op: 'msg' | 'close'; body?: unknown; ports?: { path: (string | number)[]; ch: number }[] }

type Listener = (ev: MessageEvent) => void;

const isPort = (v: unknown): v is MessagePort => typeof MessagePort !== 'undefined' && v instanceof MessagePort;

function extractPorts(v: unknown, path: (string | number)[], out: { path: (string | number)[]; port: MessagePort }[]): unknown {
  if (isPort(v)) { out.push({ path, port: v }); return null; }
  if (Array.isArray(v)) return v.map((x, i) => extractPorts(x, [...path, i], out));
  if (v && typeof v === 'object' && (Object.getPrototypeOf(v) === Object.prototype || Object.getPrototypeOf(v) === null)) {
    const o: Record<string, unknown> = {};
    for (const k of Object.keys(v)) o[k] = extractPorts((v as Record<string, unknown>)[k], [...path, k], out);
    return o;
  }
  return v;
}
function setPath(root: unknown, path: (string | number)[], val: unknown): unknown {
  if (path.length === 0) return val;
  let o = root as Record<string | number, unknown>;
  for (let i = 0; i < path.length - 1; i++) o = o[path[i]!] as Record<string | number, unknown>;
  o[path[path.length - 1]!] = val;
  return root;
}

export class Mux {
  private next: number;
  private readonly handlers = new Map<number, (body: unknown) => void>();
  private readonly pipe: Pipe;
  constructor(pipe: Pipe, side: 0 | 1) {
    this.pipe = pipe;
    this.next = 2 + side; // even/odd ids: no collisions
    pipe.onPacket((p) => {
      if (p.op === 'close') { this.handlers.delete(p.ch); return; }
      let body = p.body;
      for (const { path, ch } of p.ports ?? []) body = setPath(body, path, this.makePort(ch));
      this.handlers.get(p.ch)?.(body);
    });
  }
  private makePort(ch: number): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.bridge(ch, port1);
    return port2;
  }
  private bridge(ch: number, port: MessagePort): void {
    this.handlers.set(ch, (body) => port.postMessage(body));
    port.addEventListener('message', (ev) => this.post(ch, (ev as MessageEvent).data));
    port.start();
    (port as unknown as { unref?: () => void }).unref?.();
  }
  private post(ch: number, msg: unknown): void {
    const found: { path: (string | number)[]; port: MessagePort }[] = [];
    const body = extractPorts(msg, [], found);
    const ports = found.map(({ path, port }) => { const id = this.next; this.next += 2; this.bridge(id, port); return { path, ch: id }; });
    const pkt: Packet = { ch, op: 'msg', body };
    if (ports.length) pkt.ports = ports;
    this.pipe.send(pkt);
  }
  /** root endpoint (channel 0) for Comlink.wrap / Comlink.expose */
  endpoint(): Endpoint {
    const listeners = new Set<Listener>();
    this.handlers.set(0, (body) => { for (const l of listeners) l({ data: body } as MessageEvent); });
    return {
      postMessage: (m: unknown) => this.post(0, m),
      addEventListener: (_t: string, l: unknown) => { listeners.add((typeof l === 'function' ? l : (l as { handleEvent: Listener }).handleEvent.bind(l)) as Listener); },
      removeEventListener: () => { listeners.clear(); },
    };
  }
}

