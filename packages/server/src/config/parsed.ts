/** The fault of a text, printed behind the variable's name; it never repeats the text. */
export type Faulty = { readonly fault: string };

/** A value, or what is wrong with the text where more can be said than "must be …". */
export type Parsed<T> = { readonly value: T } | Faulty | { readonly fault?: undefined };
