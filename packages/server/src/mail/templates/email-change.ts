import type { Template } from '../template.ts';

export const emailChange: Template = ({ account, newAddress, time, network, link }) => ({
  en: {
    subject: 'Confirm your new e-mail address',
    paragraphs: [
      `A change of the address of the account ${account} to ${newAddress} was requested at ${time} from the network ${network}.`,
      { link, label: 'Use this address' },
      'The link is valid for 30 minutes. Until then nothing has changed.',
      'If you did not request this, ignore this mail.',
    ],
  },
  ru: {
    subject: 'Подтвердите новый адрес электронной почты',
    paragraphs: [
      `${time} для учётной записи ${account} запросили новый адрес: ${newAddress} (сеть ${network}).`,
      { link, label: 'Подтвердить адрес' },
      'Ссылка действует 30 минут. До подтверждения ничего не меняется.',
      'Если вы этого не запрашивали, не обращайте внимания на это письмо.',
    ],
  },
});
