import type { Template } from '../template.ts';

export const test: Template = ({ account, time }) => ({
  en: {
    subject: 'Test mail from Gatepass',
    paragraphs: [`This mail was sent to ${account} at ${time}. Mail is set up.`],
  },
  ru: {
    subject: 'Пробное письмо Gatepass',
    paragraphs: [`Это письмо отправлено ${time} на ${account}. Почта настроена.`],
  },
});
