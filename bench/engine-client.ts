import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { AskHow, DataPaths, EngineName, Held } from './bench-engine.ts';
import type { Asked, AskedMoment, AskedTurn, EngineRequest } from './engine-process.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}
const PROCESS = path.join(import.meta.dirname, 'engine-process.ts');

/** The parent's end of a child process with one engine. A child that dies rejects what waits for it. */
export class EngineClient {
  readonly name: EngineName;
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private sent = 0;

  constructor(name: EngineName, paths: DataPaths, compileCache: string) {
    this.name = name;
    // Compiled code is kept for all alike, as an installed app would.
    const env = { ...process.env, NODE_COMPILE_CACHE: compileCache };
    this.child = fork(PROCESS, [name, JSON.stringify(paths)], { env });
    this.child.on('message', (message: { id: number; value?: unknown; error?: string }) => {
      const waiting = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.error === undefined) waiting?.resolve(message.value);
      else waiting?.reject(new Error(`${name}: ${message.error}`));
    });
    this.child.on('exit', (code, signal) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`${name} ended with ${signal ?? code}.`));
    });
  }

  load = (): Promise<unknown> => this.request({ method: 'load' });
  /** Its version. */
  open = (threads: number): Promise<string> => this.request({ method: 'open', threads }) as Promise<string>;
  formulations = (question: string): Promise<readonly string[]> =>
    this.request({ method: 'formulations', question }) as Promise<readonly string[]>;
  ask = (question: string, how: AskHow): Promise<Asked> =>
    this.request({ method: 'ask', question, ...how }) as Promise<Asked>;
  turn = (question: string, how: AskHow): Promise<AskedTurn> =>
    this.request({ method: 'turn', question, ...how }) as Promise<AskedTurn>;
  /** Asks and makes no rows of the answer. */
  discard = (question: string, formulation: number): Promise<unknown> =>
    this.request({ method: 'discard', question, formulation });
  /** Of ours. */
  scrub = (question: string, moments: readonly number[]): Promise<readonly AskedMoment[]> =>
    this.request({ method: 'scrub', question, moments }) as Promise<readonly AskedMoment[]>;
  /** Of ours: what it holds now. */
  held = (): Promise<Held> => this.request({ method: 'held' }) as Promise<Held>;
  /** Bytes, since the last call. */
  peakMemory = (): Promise<number> => this.request({ method: 'peakMemory' }) as Promise<number>;

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    await this.request({ method: 'close' }).catch(() => undefined);
    if (this.child.exitCode !== null) return;
    if (this.child.connected) this.child.disconnect();
    await ended;
  }

  private request(request: EngineRequest): Promise<unknown> {
    if (this.child.exitCode !== null) return Promise.reject(new Error(`${this.name} has ended.`));
    return new Promise((resolve, reject) => {
      const id = ++this.sent;
      this.waiting.set(id, { resolve, reject });
      this.child.send({ id, request });
    });
  }
}
