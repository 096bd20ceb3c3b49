const ROWS = 5_000_000;

/**
 * Rows of a server. Up to so many (TRIBUTARY_PULL_ROWS) are moved here when it is opened, which takes some seconds and then
 * stays; beyond, `auto` lets the server compute what needs more.
 */
export function getMostPulled(env = process.env['TRIBUTARY_PULL_ROWS']): number {
  const said = env === undefined || env === '' ? Number.NaN : Number(env);
  return said >= 0 ? said : ROWS;
}
