/** `a very long na…e of a thing`: the ends tell names apart, so the middle goes. */
export function truncateMiddle(text: string, fits: (text: string) => boolean): string {
  if (fits(text)) return text;
  const letters = Array.from(text);
  let low = 0;
  let high = letters.length - 1;
  while (low < high) {
    const keep = Math.ceil((low + high) / 2);
    if (fits(cut(letters, keep))) low = keep;
    else high = keep - 1;
  }
  return low === 0 ? '…' : cut(letters, low);
}
function cut(letters: readonly string[], keep: number): string {
  const head = Math.ceil(keep / 2);
  const tail = keep - head;
  return `${letters.slice(0, head).join('')}…${tail === 0 ? '' : letters.slice(-tail).join('')}`;
}
