/** The names older views use for `widgets/format.ts`. */
export { formatCompact as getShortText, formatNumber as getExactText } from '../widgets/format.ts';
