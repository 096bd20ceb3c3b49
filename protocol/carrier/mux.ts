import type { Endpoint } from 'comlink';
import { parsePacket, type Packet, type Pipe, type PortPlace } from './packet.ts';
import type { PortLike } from './pipes.ts';

/**
 * Virtual ports over one pipe. Comlink transfers a real MessagePort for every `Comlink.proxy`; a WebSocket has no
 * ports, and Electron drops ports embedded in data (toolchain.md 7). So each transferred port is bridged to a
 * channel number here, and a new port stands for that channel on the other side:
 *
 *   comlink ⇄ port ⇄ [mux A: channel 4] ⇄ pipe ⇄ [mux B: channel 4] ⇄ port ⇄ comlink
 */
const ROOT = 0;
/** More open callbacks than any window needs; a peer that passes it is broken. */
const MAX_CHANNELS = 10_000;
/** How deep comlink puts ports into its messages: `argumentList.1.value`, with one level to spare. */
const MAX_PORT_DEPTH = 4;

type Receive = (body: unknown, ports: readonly PortLike[]) => void;
interface Channel {
  readonly receive: Receive;
  readonly close: () => void;
}

/** Even channel numbers are opened by side 0 (the window), odd ones by side 1 (the engine), so they never collide. */
export type MuxSide = 0 | 1;

export class Mux {
  readonly #pipe: Pipe;
  readonly #side: MuxSide;
  readonly #channels = new Map<number, Channel>();
  readonly #rootListeners = new Set<Receive>();
  readonly #closeListeners = new Set<(reason?: Error) => void>();
  #nextChannel: number;
  #closed = false;

  constructor(pipe: Pipe, side: MuxSide) {
    this.#pipe = pipe;
    this.#side = side;
    this.#nextChannel = 2 + side;
    pipe.onPacket((input) => this.#receive(input));
    pipe.onClose(() => this.close());
  }

  /** Bridged ports that are open now. */
  get channelCount(): number {
    return this.#channels.size;
  }

  /** The root channel, for `Comlink.wrap` and `Comlink.expose`. */
  endpoint(): Endpoint {
    const bound = new Map<unknown, Receive>();
    return {
      postMessage: (message: unknown, transfer?: readonly unknown[]) => this.#post(ROOT, message, transfer),
      addEventListener: (_type, listener) => {
        const call = typeof listener === 'function' ? listener : listener.handleEvent.bind(listener);
        const receive: Receive = (data) => call({ data } as MessageEvent);
        bound.set(listener, receive);
        this.#rootListeners.add(receive);
      },
      removeEventListener: (_type, listener) => {
        const receive = bound.get(listener);
        if (receive) this.#rootListeners.delete(receive);
        bound.delete(listener);
      },
    };
  }

  /** Called once, when the pipe is gone; with the reason if the other end broke the rules. */
  onClose(listener: (reason?: Error) => void): void {
    this.#closeListeners.add(listener);
  }

  close(reason?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    this.#rootListeners.clear();
    for (const channel of channels) channel.close();
    this.#pipe.close();
    for (const listener of this.#closeListeners) listener(reason);
  }

  #receive(input: unknown): void {
    if (this.#closed) return;
    try {
      this.#dispatch(parsePacket(input));
    } catch (error) {
      this.close(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #dispatch(packet: Packet): void {
    if (packet.op === 'close') return this.#end(packet.channel);
    let body = packet.body;
    const ports = (packet.ports ?? []).map((place) => {
      const port = this.#openRemote(place.channel);
      body = putAt(body, place.path, port);
      return port;
    });
    if (packet.channel === ROOT) for (const receive of this.#rootListeners) receive(body, ports);
    // A channel that is unknown was closed here while the message was under way.
    else this.#channels.get(packet.channel)?.receive(body, ports);
  }

  #end(id: number): void {
    if (id === ROOT) return this.close();
    const channel = this.#channels.get(id);
    this.#channels.delete(id);
    channel?.close();
  }

  /** A fresh port for a channel that the other side opened. */
  #openRemote(id: number): PortLike {
    if (id % 2 === this.#side || this.#channels.has(id)) throw new TypeError(`malformed packet: channel ${id}`);
    const { port1, port2 } = new MessageChannel();
    this.#bridge(id, port1);
    return port2;
  }

  #openOwn(port: PortLike): number {
    const id = this.#nextChannel;
    this.#nextChannel += 2;
    this.#bridge(id, port);
    return id;
  }

  #bridge(id: number, port: PortLike): void {
    if (this.#channels.size >= MAX_CHANNELS) throw new TypeError(`more than ${MAX_CHANNELS} channels are open`);
    this.#channels.set(id, { receive: (body, ports) => port.postMessage(body, ports), close: () => port.close() });
    port.addEventListener('message', (event) => this.#post(id, event.data, event.ports));
    port.addEventListener('close', () => {
      if (this.#channels.delete(id)) this.#send({ channel: id, op: 'close' });
    });
    port.start();
    // In Node an open port keeps the process alive; the pipe decides about that, not the channel.
    (port as { unref?: () => void }).unref?.();
  }

  #post(channel: number, message: unknown, transfer: readonly unknown[] | undefined): void {
    if (transfer === undefined || !transfer.some(isPort)) return this.#send({ channel, op: 'message', body: message });
    let body = message;
    const places: PortPlace[] = [];
    for (const { path, port } of findPorts(message)) {
      places.push({ path, channel: this.#openOwn(port) });
      body = withoutPort(body, path);
    }
    this.#send({ channel, op: 'message', body, ports: places });
  }

  #send(packet: Packet): void {
    if (!this.#closed) this.#pipe.send(packet);
  }
}

export function isPort(value: unknown): value is PortLike {
  return value instanceof MessagePort;
}

interface FoundPort {
  readonly path: (string | number)[];
  readonly port: PortLike;
}

/** Ports in the outer levels of a comlink message. Only called when ports are known to be there: data is never walked. */
function findPorts(value: unknown, path: (string | number)[] = [], found: FoundPort[] = []): FoundPort[] {
  if (isPort(value)) found.push({ path, port: value });
  else if (path.length < MAX_PORT_DEPTH && isPlainContainer(value))
    for (const [key, item] of Object.entries(value)) findPorts(item, [...path, key], found);
  return found;
}

function isPlainContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A copy of the outer levels with null at `path`, so that the caller's message stays as it was. */
function withoutPort(value: unknown, path: readonly (string | number)[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return null;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = withoutPort(copy[key], rest);
  return copy;
}

/** Puts `port` where the sender took it out. Only existing own properties are walked: nothing is created. */
function putAt(root: unknown, path: readonly (string | number)[], port: PortLike): unknown {
  const last = path.at(-1);
  if (last === undefined) return port;
  let holder = root;
  for (const key of path.slice(0, -1)) holder = ownProperty(holder, key);
  ownProperty(holder, last);
  (holder as Record<string | number, unknown>)[last] = port;
  return root;
}

function ownProperty(holder: unknown, key: string | number): unknown {
  if (!isPlainContainer(holder) || !Object.hasOwn(holder, key))
    throw new TypeError('malformed packet: no such place for a port');
  return (holder as Record<string | number, unknown>)[key];
}
