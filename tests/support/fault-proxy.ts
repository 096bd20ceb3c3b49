import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What happens to bytes: `pass`, nothing (`swallow`), a TCP reset, an end without a word, or bytes that make no sense. */
export type Fault = 'pass' | 'swallow' | 'reset' | 'close' | 'garbage';

/** A line to a server on this machine that can be hurt. */
export interface FaultProxy {
  readonly port: number;
  /** From now on, for lines that are open and for new ones. */
  readonly set: (fault: Fault) => void;
  /** The lines of now swallow everything; new ones pass. */
  readonly swallowOpen: () => void;
  /** Each piece this much later, ms. */
  readonly delay: (ms: number) => void;
  readonly close: () => Promise<void>;
}

export async function startFaultProxy(target: number): Promise<FaultProxy> {
  let fault: Fault = 'pass';
  let delay = 0;
  const lines = new Set<readonly [client: Socket, server: Socket]>();
  /** Ends that take and never give. */
  const holes = new WeakSet<Socket>();
  const hurt = ([client, upstream]: readonly [Socket, Socket]): void => {
    if (fault === 'reset') client.resetAndDestroy();
    if (fault === 'close') client.destroy();
    if (fault === 'garbage') client.write(Buffer.from('\u0000\u0001nonsense\u00FF'.repeat(50), 'latin1'));
    if (fault === 'reset' || fault === 'close') upstream.destroy();
  };
  const forward = (from: Socket, to: Socket): void => {
    from.on('data', (bytes) => {
      const send = (): void => {
        if (fault === 'pass' && !holes.has(from) && !to.destroyed) to.write(bytes);
      };
      if (delay === 0) send();
      else setTimeout(send, delay);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      if (fault !== 'swallow' && !holes.has(from)) to.destroy();
    });
  };
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    const line = [client, upstream] as const;
    lines.add(line);
    upstream.once('close', () => lines.delete(line));
    forward(client, upstream);
    forward(upstream, client);
    hurt(line);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    set: (next) => {
      fault = next;
      lines.forEach(hurt);
      // A line that works again tells the server who has gone meanwhile.
      if (next === 'pass') for (const [client, upstream] of lines) if (client.destroyed) upstream.destroy();
    },
    swallowOpen: () => {
      for (const end of [...lines].flat()) holes.add(end.pause());
    },
    delay: (ms) => (delay = ms),
    close: () => {
      for (const [client, upstream] of lines) {
        client.destroy();
        upstream.destroy();
      }
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
