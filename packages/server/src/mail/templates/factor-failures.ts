import type { Template } from '../template.ts';

export const factorFailures: Template = ({ account, time, network }) => ({
  en: {
    subject: 'Wrong codes at the login of your account',
    paragraphs: [
      `Many wrong codes were tried at the login of the account ${account}, last at ${time} from the network ${network}. A code is asked for only after the right password.`,
      'If this was not you, change your password now.',
    ],
  },
  ru: {
    subject: 'Неверные коды при входе в учётную запись',
    paragraphs: [
      `При входе в учётную запись ${account} много раз ввели неверный код, последний раз — ${time} (сеть ${network}). Код запрашивается только после верного пароля.`,
      'Если это были не вы, немедленно смените пароль.',
    ],
  },
});
