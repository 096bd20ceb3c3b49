import type { Pusher } from './question.ts';
import { Refusal } from './refusal.ts';

/** Funnels in SQL. */
export const pushDownFunnel: Pusher<'funnel'> = () => {
  throw new Refusal('Funnels are not said in SQL yet.');
};
