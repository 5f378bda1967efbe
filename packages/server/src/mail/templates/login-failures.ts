import type { Template } from '../template.ts';

export const loginFailures: Template = ({ account, time, network, count }) => ({
  en: {
    subject: 'Many failed logins',
    paragraphs: [
      `${count} logins to the account ${account} have failed; the last one at ${time} from the network ${network}.`,
      'No password was guessed, and further attempts are slowed down. If it was not you, choose a long password that you use nowhere else.',
    ],
  },
  ru: {
    subject: 'Много неудачных попыток входа',
    paragraphs: [
      `Неудачных попыток входа в учётную запись ${account} — ${count}, последняя — ${time} (сеть ${network}).`,
      'Пароль не подобран, а дальнейшие попытки замедляются. Если это были не вы, смените пароль на длинный, который нигде больше не используете.',
    ],
  },
});
