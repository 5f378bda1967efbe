/** The whole URL table: every route of the API, its guard and its action. */
import type { Config } from './config.ts';
import { guarded, open, type Resource } from './http/resource.ts';
import { createBearerGuard } from './token/bearer.ts';
import { obtain } from './token/obtain.ts';
import { refresh } from './token/refresh.ts';
import type { Tokens } from './token/tokens.ts';
import { verify } from './token/verify.ts';
import { me } from './users/me.ts';
import { register } from './users/register.ts';
import type { Users } from './users/users.ts';

type Deps = { config: Config; users: Users; tokens: Tokens };

export function routes({ config, users, tokens }: Deps): Resource[] {
  const bearer = createBearerGuard(tokens);
  return [
    open('/api/users', { POST: register(users, config.registration) }),
    guarded('/api/users/me', bearer, { GET: me() }),
    open('/api/token', { POST: obtain(users, tokens) }),
    open('/api/token/verify', { POST: verify(tokens) }),
    open('/api/token/refresh', { POST: refresh(tokens) }),
  ];
}
