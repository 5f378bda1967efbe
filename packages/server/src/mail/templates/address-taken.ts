import type { Template } from '../template.ts';

export const addressTaken: Template = ({ account, time, network }) => ({
  en: {
    subject: 'Another account asked for your address',
    paragraphs: [
      `At ${time}, from the network ${network}, another account asked to use the address ${account}, which belongs to yours.`,
      'Nothing has changed. If this was you, log in with this address, or reset its password.',
    ],
  },
  ru: {
    subject: 'Другая учётная запись запросила ваш адрес',
    paragraphs: [
      `${time} другая учётная запись запросила адрес ${account}, который принадлежит вашей (сеть ${network}).`,
      'Ничего не изменилось. Если это были вы, войдите с этим адресом или сбросьте пароль.',
    ],
  },
});
