import type { Template } from '../template.ts';

export const newDevice: Template = ({ account, time, network }) => ({
  en: {
    subject: 'New sign-in to your account',
    paragraphs: [
      `The account ${account} was used at ${time} with a device and from a network that were not used in the last 30 days: ${network}.`,
      'If this was not you, reset your password: that ends all sessions.',
    ],
  },
  ru: {
    subject: 'Новый вход в учётную запись',
    paragraphs: [
      `${time} в учётную запись ${account} вошли с нового устройства и из новой сети: последние 30 дней ими не пользовались. Сеть: ${network}.`,
      'Если это были не вы, сбросьте пароль: это завершит все сессии.',
    ],
  },
});
