import type { Template } from '../template.ts';

export const loginFailures: Template = ({ account, time, network, count }) => ({
  en: {
    subject: 'Many failed logins',
    paragraphs: [
      `Since the last successful login, ${count} logins to the account ${account} have failed; the last one at ${time} from the network ${network}.`,
      'No password was guessed. If it was not you, choose a long password that you use nowhere else.',
    ],
  },
  ru: {
    subject: 'Много неудачных попыток входа',
    paragraphs: [
      `С последнего успешного входа в учётную запись ${account} было неудачных попыток: ${count}; последняя — ${time}, сеть ${network}.`,
      'Пароль не подобран. Если это были не вы, выберите длинный пароль, который больше нигде не используете.',
    ],
  },
});
