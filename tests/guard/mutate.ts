const SIGNS = [';', "'", '"', '--', '/*', '*/', '(', ')', '$$', '\\', '\0', ' ', '\n', ':x', '[', ']', 'é'];

/** A statement with a few wounds: cut, joined with another one, doubled, or with a sign where none should be. */
export function mutate(a: string, b: string, dice: Iterator<number>): string {
  const roll = (sides: number): number => (dice.next().value as number) % Math.max(1, sides);
  let text = a;
  for (let wounds = 1 + roll(3); wounds > 0; wounds--) text = wound(text, b, roll);
  return text;
}

function wound(text: string, other: string, roll: (sides: number) => number): string {
  const at = roll(text.length + 1);
  const to = at + roll(text.length - at + 1);
  switch (roll(5)) {
    case 0:
      return text.slice(0, at) + text.slice(to);
    case 1:
      return text.slice(0, at) + other.slice(roll(other.length));
    case 2:
      return text.slice(0, to) + text.slice(at);
    case 3:
      return `${text} ; ${other}`;
    default:
      return text.slice(0, at) + (SIGNS[roll(SIGNS.length)] ?? '') + text.slice(at);
  }
}
