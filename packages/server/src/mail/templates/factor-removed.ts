import type { Template } from '../template.ts';

export const factorRemoved: Template = ({ account, time, network }) => ({
  en: {
    subject: 'A second factor was removed from your account',
    paragraphs: [
      `A second factor of the account ${account} was removed at ${time} from the network ${network}. All other sessions have ended.`,
      'If you did not do this, reset your password now and set the factor up again.',
    ],
  },
  ru: {
    subject: 'Из учётной записи удалён второй фактор',
    paragraphs: [
      `${time} из учётной записи ${account} удалён второй фактор (сеть ${network}). Остальные сессии завершены.`,
      'Если это сделали не вы, немедленно сбросьте пароль и настройте второй фактор заново.',
    ],
  },
});
