import type { Template } from '../template.ts';

export const activation: Template = ({ account, time, network, link, code }) => ({
  en: {
    subject: 'Confirm your e-mail address',
    paragraphs: [
      `The address ${account} was registered at ${time} from the network ${network}.`,
      { link, label: 'Confirm the address' },
      'Or enter this code where you registered. It is valid for 10 minutes:',
      { code },
      'The link is valid for 24 hours.',
      'If you did not register, ignore this mail and do not confirm the address.',
    ],
  },
  ru: {
    subject: 'Подтвердите адрес электронной почты',
    paragraphs: [
      `${time} в сервисе зарегистрировали адрес ${account} (сеть ${network}).`,
      { link, label: 'Подтвердить адрес' },
      'Или введите код там, где вы регистрировались. Он действует 10 минут:',
      { code },
      'Ссылка действует 24 часа.',
      'Если вы не регистрировались, не обращайте внимания на это письмо и не подтверждайте адрес.',
    ],
  },
});
