/** The token of this device. It is not a login, so a logout keeps it (decision 098). */
const NAME = 'gatepass.admin-device';

export const device = {
  get: () => localStorage.getItem(NAME) ?? 'new',
  /** @param {string | null} token of a login's response, if it has one */
  keep(token) {
    if (token) localStorage.setItem(NAME, token);
  },
};
