import type { Agenda } from './agenda.ts';
import {
  CHANNEL_MIX,
  COUNTRY_MIX,
  FAILURE_REASONS,
  FIRST_NAMES,
  NON_ASCII_NAMES,
  PLAN_MIX,
  SHOP_RATE,
  type Plan,
} from './catalogue.ts';
import type { DirtMaker } from './dirt.ts';
import { DAY, HOUR, toBusyHour } from './rhythm.ts';
import type { Random } from './random.ts';

/** Times are ms since the epoch, UTC. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly country: string;
  readonly channel: string;
  readonly shops: Shop[];
  deleted: boolean;
}
export interface Shop {
  readonly id: string;
  readonly user: User;
  readonly createdAt: number;
  readonly converts: boolean;
  plan: Plan;
  open: boolean;
}
export interface Invoice {
  readonly id: string;
  readonly shop: Shop;
  readonly plan: Plan;
  readonly issuedAt: number;
  readonly dueAt: number;
  paidAt: number | null;
}

/** Where a life is written down: the tables and the event log. `details` are metadata keys beside user and shop. */
export interface Chronicle {
  user(user: User, time: number): void;
  userDeleted(user: User, time: number): void;
  shop(shop: Shop): void;
  shopDeleted(shop: Shop, time: number): void;
  invoice(invoice: Invoice): void;
  payment(invoice: Invoice, status: 'succeeded' | 'failed', time: number): void;
  event(
    type: string,
    time: number,
    user: User,
    shop: Shop | null,
    details: Readonly<Record<string, string | number>>,
  ): void;
}

const RETRY_AFTER = [DAY, 3 * DAY, 5 * DAY];
const periodOf = (plan: Plan): number => (plan.period === 'year' ? 365 * DAY : 30 * DAY);
/** Ascending like a ULID (random keys would make every insert a cache miss), with a scrambled tail. */
const idOf = (prefix: string, n: number): string =>
  `${prefix}_${n.toString(36).padStart(6, '0')}${((n * 40_503) % 46_656).toString(36).padStart(3, '0')}`;

/** The rules of our users' lives: every step puts what may follow on the agenda. */
export class Life {
  private readonly random: Random;
  private readonly dirt: DirtMaker;
  private readonly agenda: Agenda<(now: number) => void>;
  private readonly chronicle: Chronicle;
  readonly made = { users: 0, shops: 0, invoices: 0 };

  constructor(parts: { random: Random; dirt: DirtMaker; agenda: Agenda<(now: number) => void>; chronicle: Chronicle }) {
    this.random = parts.random;
    this.dirt = parts.dirt;
    this.agenda = parts.agenda;
    this.chronicle = parts.chronicle;
  }

  signUp(now: number): void {
    const { random } = this;
    const n = ++this.made.users;
    const names = this.dirt.falls('nonAscii') ? NON_ASCII_NAMES : FIRST_NAMES;
    const email = `${names[n % names.length]}.${n.toString(36)}@example.test`;
    const user: User = {
      id: idOf('u', n),
      email,
      country: random.pick(COUNTRY_MIX),
      channel: random.pick(CHANNEL_MIX),
      shops: [],
      deleted: false,
    };
    this.chronicle.user(user, now);
    this.chronicle.event('account_created', now, user, null, { email, channel: user.channel, country: user.country });
    if (random.chance(SHOP_RATE[user.channel] ?? 0.5)) {
      if (this.dirt.falls('equalTimes')) this.openShop(user, now);
      else this.later(toBusyHour(now + random.logNormal(5 * HOUR, 1.7), random), (at) => this.openShop(user, at));
    } else if (random.chance(0.07))
      this.later(toBusyHour(now + random.logNormal(18 * DAY, 1), random), (at) => this.deleteAccount(user, at));
  }

  private openShop(user: User, now: number): void {
    if (user.deleted) return;
    const { random } = this;
    const shop: Shop = {
      id: idOf('s', ++this.made.shops),
      user,
      createdAt: now,
      plan: random.pick(PLAN_MIX),
      converts: random.chance(0.7),
      open: true,
    };
    user.shops.push(shop);
    this.chronicle.shop(shop);
    this.chronicle.event('shop_created', now, user, shop, { plan_id: shop.plan.id });
    const trial = random.pick([
      [0, 0.3],
      [7 * DAY, 0.3],
      [14 * DAY, 0.4],
    ] as const);
    this.later(now + trial + Math.floor(random.logNormal(10 * 60_000, 1)), (at) => this.issueInvoice(shop, at));
    if (random.chance(0.09))
      this.later(toBusyHour(now + random.logNormal(4 * DAY, 0.9), random), (at) => this.deleteShop(shop, at));
  }

  private issueInvoice(shop: Shop, now: number): void {
    if (!shop.open) return;
    const { random } = this;
    const invoice: Invoice = {
      id: idOf('i', ++this.made.invoices),
      shop,
      plan: shop.plan,
      issuedAt: now,
      dueAt: now + 7 * DAY,
      paidAt: null,
    };
    this.chronicle.invoice(invoice);
    this.chronicle.event('invoice_issued', now, shop.user, shop, {
      plan_id: shop.plan.id,
      invoice_id: invoice.id,
      amount_cents: shop.plan.priceCents,
      due_at: new Date(invoice.dueAt).toISOString(),
    });
    if (!shop.converts || random.chance(0.012)) this.leaveUnpaid(invoice);
    else if (this.dirt.falls('equalTimes')) this.attemptPayment(invoice, 0, now);
    else
      this.later(toBusyHour(now + random.logNormal(9 * HOUR, 1.3), random), (at) =>
        this.attemptPayment(invoice, 0, at),
      );
  }

  private attemptPayment(invoice: Invoice, failures: number, now: number): void {
    const { shop } = invoice;
    if (!shop.open) return;
    const { random } = this;
    const details = { plan_id: invoice.plan.id, invoice_id: invoice.id, amount_cents: invoice.plan.priceCents };
    if (!random.chance(failures === 0 ? 0.09 : 0.38)) {
      invoice.paidAt = now;
      this.chronicle.payment(invoice, 'succeeded', now);
      this.chronicle.event('payment_succeeded', now, shop.user, shop, details);
      this.planNextPeriod(invoice, now);
      return;
    }
    this.chronicle.payment(invoice, 'failed', now);
    this.chronicle.event('payment_failed', now, shop.user, shop, {
      ...details,
      reason: FAILURE_REASONS[random.integer(0, 3)] ?? 'unknown',
    });
    const wait = RETRY_AFTER[failures];
    if (wait === undefined || random.chance(0.1)) this.leaveUnpaid(invoice);
    else
      this.later(toBusyHour(now + wait * (0.8 + 0.4 * random.uniform()), random), (at) =>
        this.attemptPayment(invoice, failures + 1, at),
      );
  }

  /** Churn by absence: no further invoice; a few come back and pay much later. */
  private leaveUnpaid(invoice: Invoice): void {
    const { random } = this;
    if (random.chance(0.14))
      this.later(toBusyHour(invoice.dueAt + 14 * DAY + random.logNormal(20 * DAY, 0.8), random), (at) =>
        this.attemptPayment(invoice, 0, at),
      );
  }

  private planNextPeriod(invoice: Invoice, now: number): void {
    const { random } = this;
    const { shop } = invoice;
    const period = periodOf(shop.plan);
    const within = (): number => toBusyHour(now + random.uniform() * period, random);
    if (random.chance(shop.plan.churn))
      this.later(
        within(),
        random.chance(0.75) ? (at) => this.deleteShop(shop, at) : (at) => this.deleteAccount(shop.user, at),
      );
    else if (random.chance(0.035)) this.later(within(), (at) => this.changePlan(shop, at));
    if (random.chance(0.014)) this.later(within(), (at) => this.openShop(shop.user, at));
    this.later(Math.max(invoice.issuedAt + period, now + DAY), (at) => this.issueInvoice(shop, at));
  }

  private changePlan(shop: Shop, now: number): void {
    const next = this.random.pick(PLAN_MIX);
    if (!shop.open || next.id === shop.plan.id) return;
    const details = { old_plan_id: shop.plan.id, plan_id: next.id };
    shop.plan = next;
    this.chronicle.event('plan_changed', now, shop.user, shop, details);
  }

  private deleteShop(shop: Shop, now: number): void {
    if (!shop.open) return;
    this.closeShop(shop, now);
    if (this.random.chance(0.11))
      this.later(toBusyHour(now + this.random.logNormal(40 * DAY, 0.8), this.random), (at) =>
        this.openShop(shop.user, at),
      );
  }

  private closeShop(shop: Shop, now: number): void {
    shop.open = false;
    this.chronicle.shopDeleted(shop, now);
    this.chronicle.event('shop_deleted', now, shop.user, shop, { plan_id: shop.plan.id });
  }

  private deleteAccount(user: User, now: number): void {
    if (user.deleted) return;
    user.deleted = true;
    const open = user.shops.filter((shop) => shop.open);
    open.forEach((shop) => this.closeShop(shop, now));
    // The account goes some seconds after its shops.
    this.later(now + 1_000 * this.random.integer(1, 20), (at) => {
      this.chronicle.userDeleted(user, at);
      this.chronicle.event('account_deleted', at, user, null, {});
    });
  }

  private later(time: number, what: (now: number) => void): void {
    this.agenda.add(Math.floor(time), what);
  }
}
