import { EngineError, type ErrorData } from '../../protocol/index.ts';

/** The part of Electron's UtilityProcess that is used. */
export interface EngineChild {
  readonly pid?: number | undefined;
  postMessage(message: unknown, transfer?: unknown[]): void;
  on(event: 'exit', listener: (code: number) => void): unknown;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  kill(): boolean;
}
export interface EngineProcessOptions<Port> {
  readonly fork: () => EngineChild;
  /** Two entangled ports: the first goes to the engine, the second to the window. */
  readonly newChannel: () => readonly [Port, Port];
  readonly sendPort: (port: Port) => void;
  /** It crashed, or (`asked`) is being restarted because the user wished so. */
  readonly onLost: (error: ErrorData, asked: boolean) => void;
  readonly onReady: () => void;
  readonly now?: () => number;
}

/** After this many crashes within a minute it stays down until the user asks. */
const MAX_CRASHES = 5;
const WINDOW_MS = 60_000;
const STOP_MS = 2_000;

/** Supervises the engine: one child at a time, started again when it dies, with a new port for the window. */
export class EngineProcess<Port> {
  readonly #options: EngineProcessOptions<Port>;
  readonly #crashes: number[] = [];
  #child: EngineChild | null = null;
  #exited: Promise<void> = Promise.resolve();
  #windowIsThere = false;
  #stopping = false;
  #follow: ((child: EngineChild | null) => void) | null = null;

  constructor(options: EngineProcessOptions<Port>) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Tells which process is the engine, now and whenever it changes. For one listener. */
  follow(listener: (child: EngineChild | null) => void): void {
    this.#follow = listener;
    listener(this.#child);
  }

  start(): void {
    const child = this.#options.fork();
    this.#child = child;
    this.#follow?.(child);
    this.#exited = new Promise((resolve) => {
      child.on('exit', (code) => {
        resolve();
        if (this.#child === child) this.#lost(code);
      });
    });
    if (this.#windowIsThere) this.connect();
  }

  /** The window has loaded (again): give it a port of its own. */
  connect(): void {
    this.#windowIsThere = true;
    if (this.#child === null) return;
    const [forEngine, forWindow] = this.#options.newChannel();
    this.#child.postMessage({ type: 'connect' }, [forEngine]);
    this.#options.sendPort(forWindow);
    this.#options.onReady();
  }

  /** Because the user asked: ends the engine, however busy, and starts it afresh. */
  async restart(): Promise<void> {
    this.#crashes.length = 0;
    const old = this.#child;
    this.#child = null;
    this.#follow?.(null);
    if (old !== null) {
      this.#options.onLost(lostError('The engine is being restarted.', 'It will be back in a moment.'), true);
      old.kill();
      await this.#exited;
    }
    if (!this.#stopping) this.start();
  }

  /** Asks the engine to end and waits for it; kills it when it does not. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    child.postMessage({ type: 'stop' });
    const timer = setTimeout(() => child.kill(), STOP_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #lost(code: number): void {
    this.#child = null;
    this.#follow?.(null);
    const now = (this.#options.now ?? Date.now)();
    while ((this.#crashes[0] ?? now) < now - WINDOW_MS) this.#crashes.shift();
    this.#crashes.push(now);
    const givesUp = this.#crashes.length > MAX_CRASHES;
    const hint = givesUp
      ? 'It has failed several times in a row and stays down: choose “Restart the engine” to try again.'
      : 'It is being started again; your analyses are kept.';
    this.#options.onLost(lostError('The engine ended unexpectedly.', hint, `exit code ${code}`), false);
    if (!givesUp) this.start();
  }
}

function lostError(message: string, hint: string, details?: string): ErrorData {
  return new EngineError('E_ENGINE_LOST', message, { hint, details }).toData();
}
