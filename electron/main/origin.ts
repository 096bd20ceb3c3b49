/** The one origin whose pages may talk to us. Packaged it is always this; `npm run dev` serves the window itself. */
export const APP_SCHEME = 'app';
export const APP_HOST = 'tributary';
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;

/** `origin` of a URL, also for our scheme, whose origin Node's URL calls opaque. null = not a URL. */
export function originOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, host, origin } = new URL(url);
  return protocol === `${APP_SCHEME}:` ? `${protocol}//${host}` : origin;
}
