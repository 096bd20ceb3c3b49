/** What our imaginary shop builder sells, and to whom. Prices in cents, churn as a share of customers per period. */
export interface Plan {
  readonly id: string;
  readonly name: string;
  readonly priceCents: number;
  readonly period: 'month' | 'year';
  readonly churn: number;
}
const plan = (id: string, name: string, priceCents: number, period: Plan['period'], churn: number): Plan => ({
  id,
  name,
  priceCents,
  period,
  churn,
});

export const PLAN_MIX = [
  [plan('starter_month', 'Starter', 1_900, 'month', 0.075), 0.48],
  [plan('starter_year', 'Starter, yearly', 19_000, 'year', 0.22), 0.07],
  [plan('growth_month', 'Growth', 4_900, 'month', 0.052), 0.27],
  [plan('growth_year', 'Growth, yearly', 49_000, 'year', 0.16), 0.06],
  [plan('pro_month', 'Pro', 12_900, 'month', 0.034), 0.1],
  [plan('scale_month', 'Scale', 39_900, 'month', 0.022), 0.02],
] as const satisfies readonly (readonly [Plan, number])[];

export const CHANNEL_MIX = [
  ['organic', 0.38],
  ['search_ads', 0.24],
  ['referral', 0.16],
  ['partner', 0.12],
  ['social', 0.1],
] as const;

export const COUNTRY_MIX = [
  ['DE', 0.21],
  ['US', 0.2],
  ['FR', 0.14],
  ['GB', 0.13],
  ['NL', 0.09],
  ['ES', 0.08],
  ['SE', 0.08],
  ['BR', 0.07],
] as const;

/** Share of users with a shop by channel: so that a breakdown has something to find. */
export const SHOP_RATE: Readonly<Record<string, number>> = {
  organic: 0.62,
  search_ads: 0.5,
  referral: 0.74,
  partner: 0.7,
  social: 0.41,
};

export const FIRST_NAMES = [
  'anna',
  'ben',
  'chloe',
  'david',
  'emma',
  'felix',
  'grace',
  'hugo',
  'ines',
  'jonas',
  'kim',
  'lea',
  'mats',
  'nora',
  'oskar',
  'paula',
];
export const NON_ASCII_NAMES = ['zoë', 'åsa', 'jürgen', 'françois', 'łukasz', 'søren', 'ελένη', '美咲', 'владимир'];
export const FAILURE_REASONS = ['card_declined', 'insufficient_funds', 'expired_card', 'bank_timeout'];
