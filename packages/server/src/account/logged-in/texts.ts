/** What the pages of an account say, in English and Russian. */
import type { Language } from '../../language.ts';
import { english, type Texts } from './texts-en.ts';
import { russian } from './texts-ru.ts';

export const textsIn = (language: Language): Texts => (language === 'ru' ? russian : english);
