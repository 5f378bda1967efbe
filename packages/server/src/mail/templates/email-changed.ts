import type { Template } from '../template.ts';

export const emailChanged: Template = ({ account, newAddress, time, network, link }) => ({
  en: {
    subject: 'Your e-mail address was changed',
    paragraphs: [
      `The account ${account} now uses the address ${newAddress}. The change was made at ${time} from the network ${network}.`,
      'If you did not do this, undo it. The old address comes back and all sessions of the account end. The link is valid for 7 days.',
      { link, label: 'Undo the change' },
    ],
  },
  ru: {
    subject: 'Адрес электронной почты изменён',
    paragraphs: [
      `${time} адрес учётной записи ${account} изменён на ${newAddress} (сеть ${network}).`,
      'Если это сделали не вы, отмените изменение: прежний адрес вернётся, а все сессии учётной записи завершатся. Ссылка действует 7 дней.',
      { link, label: 'Отменить изменение' },
    ],
  },
});
