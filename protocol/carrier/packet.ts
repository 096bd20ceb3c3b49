import { z } from 'zod';

/** Where in a message's body a port was, and the channel that stands for it from now on. */
const PortPlaceSchema = z.object({
  path: z.array(z.union([z.string(), z.int().min(0)])).max(6),
  channel: z.int().min(2),
});
export type PortPlace = z.output<typeof PortPlaceSchema>;

/** What travels over a pipe: one message of one virtual port, or its end. Channel 0 is the root. */
const PacketSchema = z.object({
  channel: z.int().min(0),
  op: z.enum(['message', 'close']),
  body: z.unknown().optional(),
  ports: z.array(PortPlaceSchema).max(16).optional(),
});
export type Packet = z.output<typeof PacketSchema>;

/** Throws a TypeError that names what is wrong; the body is passed on unread. */
export function parsePacket(input: unknown): Packet {
  const parsed = PacketSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new TypeError(`malformed packet: ${z.prettifyError(parsed.error)}`);
}

/** A two-way line for packets: a WebSocket, an Electron port, a worker port. */
export interface Pipe {
  send(packet: Packet): void;
  /** Called once, before anything is sent. Input is unchecked. */
  onPacket(listener: (packet: unknown) => void): void;
  /** The other end is gone, or `close` was called. */
  onClose(listener: () => void): void;
  close(): void;
}
