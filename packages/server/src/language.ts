/** The languages in which clients, mails and pages are addressed. */
export type Language = 'en' | 'ru';
