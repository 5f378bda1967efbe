import { arrow, box, type Language, svg, text } from './svg.ts';

const WORDS = {
  en: {
    title:
      'A client logs in to Gatepass and gets an access token for 5 minutes and a refresh token; your services verify access tokens by themselves and learn within a second which sessions have ended.',
    client: ['Your client', 'a page, an app, a program'],
    gatepass: ['Gatepass', 'users, passwords,', 'sessions'],
    services: ['Your services', 'with our verifier, a JWT', 'library or a proxy'],
    database: ['Database', 'SQLite or PostgreSQL'],
    login: 'e-mail and password',
    pair: 'access token (5 minutes) and refresh token',
    again: 'refresh token, every 5 minutes',
    fresh: 'a new access token',
    logout: 'logout ends the session and its access tokens',
    access: 'access token',
    feed: ['public keys', 'ended sessions, within a second'],
  },
  ru: {
    title:
      'Клиент входит в Gatepass и получает access-токен на 5 минут и refresh-токен; ваши сервисы сами проверяют access-токены и в течение секунды узнают, какие сессии завершены.',
    client: ['Ваш клиент', 'страница, приложение', 'или программа'],
    gatepass: ['Gatepass', 'пользователи, пароли,', 'сессии'],
    services: ['Ваши сервисы', 'с нашей библиотекой,', 'библиотекой JWT или прокси'],
    database: ['База данных', 'SQLite или PostgreSQL'],
    login: 'почта и пароль',
    pair: 'access-токен (5 минут) и refresh-токен',
    again: 'refresh-токен, каждые 5 минут',
    fresh: 'новый access-токен',
    logout: 'выход завершает сессию и её access-токены',
    access: 'access-токен',
    feed: ['открытые ключи', 'завершённые сессии, в течение секунды'],
  },
} as const;

/** How tokens, sessions and services relate. */
export function tokens(language: Language): string {
  const words = WORDS[language];
  const [keys, ended] = words.feed;
  const said = (y: number, line: string) => text(390, y - 7, line, 'small middle');
  return svg(780, 390, words.title, [
    box([16, 16, 204, 214], words.client),
    box([560, 16, 204, 214], words.gatepass, 'main'),
    box([620, 290, 144, 60], words.database),
    box([16, 290, 204, 84], words.services),
    arrow('M220 52H558'),
    said(52, words.login),
    arrow('M560 86H222'),
    said(86, words.pair),
    arrow('M220 132H558'),
    said(132, words.again),
    arrow('M560 166H222'),
    said(166, words.fresh),
    arrow('M220 212H558'),
    said(212, words.logout),
    arrow('M118 230V288'),
    text(128, 264, words.access, 'small'),
    arrow('M692 230V288', true),
    arrow('M590 230V332H222'),
    said(332, keys),
    text(390, 349, ended, 'small middle'),
  ]);
}
