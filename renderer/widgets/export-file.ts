/** Names of exported files say what and when: `tributary-funnel-signup-to-payment-2026-11-22T1530.csv`. */
export function getExportName(name: string, extension: string, at: Date = new Date()): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `tributary-${slug(name)}-${day}T${two(at.getHours())}${two(at.getMinutes())}.${extension}`;
}

/** Letters and digits of any script stay; everything a file system or shell could trip over becomes one dash. */
export function slug(text: string): string {
  const dashed = text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 80)
    .replaceAll(/^-+|-+$/g, '');
  return dashed === '' ? 'analysis' : dashed;
}

/** `signup to payment`: first and last of a list of step names. */
export function getSpanName(names: readonly string[]): string {
  const [first = ''] = names;
  return names.length < 2 ? first : `${first} to ${names.at(-1) ?? ''}`;
}

/** What a name of a file is called above a picture: `Funnel signup to payment`. */
export const getTitle = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
