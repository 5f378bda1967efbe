/** The languages in which the service addresses clients, in responses, mails and pages. */
export type Language = 'en' | 'ru';

/** A sentence in each language; `{name}` stands for a value that is known when it is said. */
export type Sentence = Readonly<Record<Language, string>>;

export type Values = Readonly<Record<string, string | number>>;

export const say = (sentence: Sentence, language: Language, values: Values = {}): string =>
  sentence[language].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
