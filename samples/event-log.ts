import type { Agenda } from './agenda.ts';
import type { DirtMaker } from './dirt.ts';
import type { Chronicle, Invoice, Shop, User } from './life.ts';
import type { Random } from './random.ts';
import { HOUR } from './rhythm.ts';
import type { RowSink } from './snapshot-writer.ts';

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** A random-looking UUID (version 4) from seeded chance. */
function uuidOf(random: Random): string {
  const hex = (n: number): string => `${HEX[n >>> 24]}${HEX[(n >>> 16) & 255]}${HEX[(n >>> 8) & 255]}${HEX[n & 255]}`;
  const b = hex((random.uint32() & 0xffff0fff) | 0x4000);
  const c = hex((random.uint32() & 0x3fffffff) | 0x80000000);
  return `${hex(random.uint32())}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${hex(random.uint32())}`;
}

/** Writes lives into the tables and the event log, and lets the dirt fall. */
export class EventLog implements Chronicle {
  events = 0;
  payments = 0;
  private readonly hourly = new Map<string, Map<string, number>>();
  /** Invoices and shops are written once, when their fate is known: no updates. */
  private readonly unpaid = new Set<Invoice>();
  private readonly openShops = new Set<Shop>();
  private readonly userDeletions = new Map<string, number>();
  private readonly writer: RowSink;
  private readonly random: Random;
  private readonly dirt: DirtMaker;
  private readonly agenda: Agenda<(now: number) => void>;
  private hourStart = -1;
  private hourText = '';

  constructor(parts: { writer: RowSink; random: Random; dirt: DirtMaker; agenda: Agenda<(now: number) => void> }) {
    this.writer = parts.writer;
    this.random = parts.random;
    this.dirt = parts.dirt;
    this.agenda = parts.agenda;
  }

  user(user: User, time: number): void {
    this.writer.add('users', [user.id, user.email, time, null]);
  }
  userDeleted(user: User, time: number): void {
    this.userDeletions.set(user.id, time);
  }
  shop(shop: Shop): void {
    this.openShops.add(shop);
  }
  shopDeleted(shop: Shop, time: number): void {
    this.openShops.delete(shop);
    this.writeShop(shop, time);
  }
  invoice(invoice: Invoice): void {
    this.unpaid.add(invoice);
  }
  payment(invoice: Invoice, status: 'succeeded' | 'failed', time: number): void {
    this.payments++;
    this.writer.add('payments', [
      `p_${this.payments.toString(36).padStart(8, '0')}`,
      invoice.id,
      invoice.plan.priceCents,
      status,
      time,
    ]);
    if (status === 'failed') return;
    this.unpaid.delete(invoice);
    this.writeInvoice(invoice);
  }
  /** Writes the rows that waited for their fate, and closes the snapshot. */
  finish(end: number): void {
    for (const invoice of this.unpaid) this.writeInvoice(invoice);
    for (const shop of this.openShops) this.writeShop(shop, null);
    this.writer.finish({ userDeletions: this.userDeletions, hourly: this.hourly, end });
  }
  private writeInvoice(invoice: Invoice): void {
    this.writer.add('invoices', [
      invoice.id,
      invoice.shop.id,
      invoice.plan.id,
      invoice.plan.priceCents,
      invoice.issuedAt,
      invoice.dueAt,
      invoice.paidAt,
    ]);
  }
  private writeShop(shop: Shop, deletedAt: number | null): void {
    this.writer.add('shops', [shop.id, shop.user.id, shop.plan.id, shop.createdAt, deletedAt]);
  }

  event(
    type: string,
    time: number,
    user: User,
    shop: Shop | null,
    details: Readonly<Record<string, string | number>>,
  ): void {
    const { dirt, random } = this;
    const id = uuidOf(random);
    const hour = this.hourOf(time);
    const metadata = this.metadataOf(user, shop, details);
    const shift = random.integer(1, 3) * HOUR;
    const ts = dirt.falls('wrongHour') ? this.hourOf(time + shift) : hour;
    const delay = 40 + Math.floor(-180 * Math.log(1 - random.uniform()));
    const lateBy = HOUR * (1 + 71 * random.uniform() ** 4);
    const recordedAt = dirt.falls('lateRows') ? Math.floor(time + lateBy) : time + delay;
    const append = (): void => {
      this.events++;
      this.count(hour, type);
      this.writer.add('global_events', [ts, id, time, type, metadata, recordedAt]);
    };
    if (recordedAt - time >= HOUR) this.agenda.add(recordedAt, append);
    else append();
    if (ts === hour && dirt.falls('duplicates'))
      this.agenda.add(recordedAt + HOUR, (now) => {
        this.events++;
        this.writer.add('global_events', [this.hourOf(time + HOUR), id, time, type, metadata, now]);
      });
  }

  /** JSON by concatenation: our ids, names and numbers need no escaping, and this is the hottest line of the generator. */
  private metadataOf(user: User, shop: Shop | null, details: Readonly<Record<string, string | number>>): string {
    const { dirt } = this;
    const nameless = dirt.falls('missingActor');
    const byShop = shop !== null && !nameless && dirt.falls('shopOnly');
    const pairs: string[] = [];
    if (!nameless && !byShop) pairs.push(`"user_id":"${user.id}"`);
    if (shop !== null && !nameless) pairs.push(`"shop_id":"${shop.id}"`);
    for (const [key, value] of Object.entries(details))
      pairs.push(typeof value === 'number' ? `"${key}":${value}` : `"${key}":"${value}"`);
    const last = Object.keys(details).at(-1);
    if (last !== undefined && dirt.falls('nullKeys')) pairs[pairs.length - 1] = `"${last}":null`;
    return `{${pairs.join(',')}}`;
  }

  private count(hour: string, type: string): void {
    const types = this.hourly.get(hour) ?? new Map<string, number>();
    this.hourly.set(hour, types.set(type, (types.get(type) ?? 0) + 1));
  }

  /** `YYYY-MM-DDTHH`, UTC. Time runs forward, so the last one is usually right. */
  private hourOf(time: number): string {
    const start = time - (time % HOUR);
    if (start !== this.hourStart) {
      this.hourStart = start;
      this.hourText = new Date(start).toISOString().slice(0, 13);
    }
    return this.hourText;
  }
}
