import { Type } from 'typebox';

// Python's str.strip() decides what the contract calls blank: JavaScript's \s, the separators
// U+001C–U+001F and NEL, without U+FEFF.
const NOT_BLANK = '[^\\s\\x1c-\\x1f\\x85]|\\ufeff';

/** A JSON string that is not blank and holds no NUL; taken exactly as sent, never trimmed. */
export const RequiredText = (options: { examples?: string[] }) =>
  Type.String({ minLength: 1, pattern: NOT_BLANK, not: { pattern: '\\u0000' }, ...options });
