/** The requests of SimpleJWT's wire format, for the two targets that speak it. */
import { fetchText, getAs, password, post, type RequestsOf, send } from './target.ts';

const ACCESS_TOKENS = 32;

/** Logs all accounts in; access tokens are minted for each measurement, because they live 5 minutes. */
export async function connectSimpleJwt(
  url: string,
  emails: readonly string[],
): Promise<RequestsOf> {
  const logins = emails.map((email) => post('/api/token', { email, password }));
  const sessions: string[] = [];
  for (const login of logins) sessions.push(await fetchText(url, login, 'refresh'));
  const refreshes = sessions.map((refresh) => post('/api/token/refresh', { refresh }));
  await refuseForgery(url, sessions[0] ?? '');

  async function accessTokens(): Promise<string[]> {
    const tokens: string[] = [];
    while (tokens.length < ACCESS_TOKENS) {
      for (const refresh of refreshes) tokens.push(await fetchText(url, refresh, 'access'));
    }
    return tokens;
  }

  return async (scenario) => {
    switch (scenario) {
      case 'login':
        return logins;
      case 'refresh':
        return refreshes;
      case 'verify':
        return (await accessTokens()).map((token) => post('/api/token/verify', { token }));
      case 'me':
        return (await accessTokens()).map((token) => getAs(token, '/api/users/me'));
    }
  };
}

/** A forged token must be refused: a server that checks nothing would win. */
async function refuseForgery(url: string, token: string): Promise<void> {
  const [header, payload, signature = ''] = token.split('.');
  const forged = `${header}.${payload}.${signature.split('').reverse().join('')}`;
  const answer = await send(url, post('/api/token/verify', { token: forged }));
  await answer.text();
  if (answer.status !== 401) throw new Error(`${url} answered ${answer.status} to a forged token`);
}
