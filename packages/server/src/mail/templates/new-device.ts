import type { Template } from '../template.ts';

export const newDevice: Template = ({ account, time, network }) => ({
  en: {
    subject: 'New sign-in to your account',
    paragraphs: [
      `The account ${account} was used at ${time} from a device and a network that it has not been used from before: ${network}.`,
      'If this was not you, reset your password: that ends all sessions.',
    ],
  },
  ru: {
    subject: 'Новый вход в учётную запись',
    paragraphs: [
      `В учётную запись ${account} вошли с нового устройства и из новой сети: ${time}, сеть ${network}.`,
      'Если это были не вы, сбросьте пароль: это завершит все сеансы.',
    ],
  },
});
