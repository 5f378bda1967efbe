import type { Template } from '../template.ts';

export const reset: Template = ({ account, time, network, link, code }) => ({
  en: {
    subject: 'Reset your password',
    paragraphs: [
      `A new password was requested for the account ${account}, at ${time} from the network ${network}.`,
      { link, label: 'Choose a new password' },
      'Or enter this code where you asked for the new password. It is valid for 10 minutes:',
      { code },
      'The link is valid for 30 minutes and can be used once. A new password ends all sessions of the account.',
      'If you did not request this, ignore this mail. Your password has not changed.',
    ],
  },
  ru: {
    subject: 'Сброс пароля',
    paragraphs: [
      `${time} для учётной записи ${account} запросили новый пароль (сеть ${network}).`,
      { link, label: 'Задать новый пароль' },
      'Или введите код там, где вы запросили новый пароль. Он действует 10 минут:',
      { code },
      'Ссылка действует 30 минут и срабатывает один раз. После смены пароля все сессии учётной записи завершатся.',
      'Если вы этого не запрашивали, не обращайте внимания на это письмо: пароль не изменился.',
    ],
  },
});
