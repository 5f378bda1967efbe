import type { Template } from '../template.ts';

export const factorAdded: Template = ({ account, time, network }) => ({
  en: {
    subject: 'A second factor was added to your account',
    paragraphs: [
      `A second factor was added to the account ${account} at ${time} from the network ${network}. All other sessions have ended; from now on every login asks for it.`,
      'If you did not do this, reset your password now and ask the operator of the service to remove the factor.',
    ],
  },
  ru: {
    subject: 'К учётной записи добавлен второй фактор',
    paragraphs: [
      `${time} к учётной записи ${account} добавлен второй фактор (сеть ${network}). Остальные сессии завершены; теперь второй фактор нужен при каждом входе.`,
      'Если это сделали не вы, немедленно сбросьте пароль и попросите оператора сервиса удалить этот фактор.',
    ],
  },
});
