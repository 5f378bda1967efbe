import type { Template } from '../template.ts';

export const passwordChanged: Template = ({ account, time, network }) => ({
  en: {
    subject: 'Your password was changed',
    paragraphs: [
      `The password of the account ${account} was changed at ${time} from the network ${network}. All other sessions have ended.`,
      'If you did not do this, reset the password now and check who can read this mailbox.',
    ],
  },
  ru: {
    subject: 'Пароль изменён',
    paragraphs: [
      `${time} изменён пароль учётной записи ${account} (сеть ${network}). Остальные сессии завершены.`,
      'Если это сделали не вы, немедленно сбросьте пароль и проверьте, у кого есть доступ к этому почтовому ящику.',
    ],
  },
});
