/** A number with its noun: "1 account", "2 accounts". @param noun in the singular, with an "s" in the plural */
export const counted = (number: number, noun: string): string =>
  `${number} ${noun}${number === 1 ? '' : 's'}`;
