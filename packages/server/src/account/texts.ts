/** What the pages behind mailed links say, in English and Russian. */
import type { Language } from '../language.ts';

const english = {
  forgot: {
    title: 'Forgotten password',
    lead: 'Enter the e-mail address of your account. A link and a code will be sent to it.',
    button: 'Send the mail',
    done: 'If an account has this address, a mail is on its way. It can take a few minutes.',
    next: 'I have a code',
  },
  reset: {
    title: 'Choose a new password',
    lead: 'All sessions of the account end when the password changes.',
    button: 'Change the password',
    done: 'The password was changed. You can log in with it now.',
  },
  activate: {
    title: 'Confirm your e-mail address',
    lead: 'Press the button to confirm that this mailbox is yours.',
    button: 'Confirm the address',
    done: 'The address is confirmed. You can log in now.',
  },
  email: {
    title: 'Confirm your new e-mail address',
    lead: 'Press the button to use the new address from now on.',
    button: 'Use this address',
    done: 'The address was changed.',
  },
  undo: {
    title: 'Undo the change of address',
    lead: 'The old address comes back, and all sessions of the account end.',
    button: 'Undo the change',
    done: 'The old address is back and all sessions have ended. Choose a new password now.',
  },
  address: 'E-mail address',
  code: 'Code from the mail',
  link: 'Link from the mail',
  password: 'New password',
  again: 'Request a new mail',
  invalid:
    'This link or code is not valid: it has expired, was already used, or was replaced by a newer mail.',
};

export type Texts = typeof english;

const russian: Texts = {
  forgot: {
    title: 'Забыли пароль?',
    lead: 'Введите адрес электронной почты своей учётной записи: на него придут ссылка и код.',
    button: 'Отправить письмо',
    done: 'Если учётная запись с этим адресом есть, письмо уже отправлено. Оно может прийти через несколько минут.',
    next: 'У меня есть код',
  },
  reset: {
    title: 'Новый пароль',
    lead: 'После смены пароля все сессии учётной записи завершатся.',
    button: 'Сменить пароль',
    done: 'Пароль изменён. Теперь войдите с новым паролем.',
  },
  activate: {
    title: 'Подтвердите адрес электронной почты',
    lead: 'Нажмите кнопку, чтобы подтвердить, что этот почтовый ящик ваш.',
    button: 'Подтвердить адрес',
    done: 'Адрес подтверждён. Теперь можно войти.',
  },
  email: {
    title: 'Подтвердите новый адрес электронной почты',
    lead: 'Нажмите кнопку, чтобы перейти на новый адрес.',
    button: 'Подтвердить адрес',
    done: 'Адрес изменён.',
  },
  undo: {
    title: 'Отменить смену адреса',
    lead: 'Прежний адрес вернётся, а все сессии учётной записи завершатся.',
    button: 'Отменить смену',
    done: 'Прежний адрес возвращён, все сессии завершены. Теперь смените пароль.',
  },
  address: 'Адрес электронной почты',
  code: 'Код из письма',
  link: 'Ссылка из письма',
  password: 'Новый пароль',
  again: 'Запросить новое письмо',
  invalid:
    'Ссылка или код не действуют: срок истёк, они уже использованы или после них пришло новое письмо.',
};

export const textsIn = (language: Language): Texts => (language === 'ru' ? russian : english);
