import type { Template } from '../template.ts';

export const recoveryCodeUsed: Template = ({ account, time, network }) => ({
  en: {
    subject: 'A recovery code was used',
    paragraphs: [
      `A recovery code of the account ${account} was used at ${time} from the network ${network}. It cannot be used again.`,
      'If you did not do this, change your password now and get new recovery codes.',
    ],
  },
  ru: {
    subject: 'Использован код восстановления',
    paragraphs: [
      `${time} использован код восстановления учётной записи ${account} (сеть ${network}). Больше этот код не действует.`,
      'Если это сделали не вы, немедленно смените пароль и получите новые коды восстановления.',
    ],
  },
});
