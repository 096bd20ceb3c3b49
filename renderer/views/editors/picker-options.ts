/** Something that can be picked, with how often the data has it. */
export interface PickerOption {
  readonly value: string;
  readonly label?: string | undefined;
  readonly count?: number | undefined;
  readonly color?: string | undefined;
}

const fold = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

/**
 * Options that contain every typed word, whatever case, accents and separators: `pay succ` finds `payment_succeeded`.
 * Those that begin with the text come first; otherwise the given order (by count) stays.
 */
export function searchOptions(options: readonly PickerOption[], search: string, limit = 200): PickerOption[] {
  const words = fold(search)
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return options.slice(0, limit);
  const found = options
    .map((option) => ({ option, text: fold(option.label ?? option.value) }))
    .filter(({ text }) => words.every((word) => text.includes(word)));
  const [first = ''] = words;
  const rank = (text: string): number => (text.startsWith(first) ? 0 : 1);
  return found
    .toSorted((a, b) => rank(a.text) - rank(b.text))
    .slice(0, limit)
    .map(({ option }) => option);
}
