/**
 * Clients that refresh by the hooks of their libraries' own readmes: once per request, without a
 * lock, with whatever is stored at that moment. Not how it should be done, but how it is done.
 */
import axios, { type AxiosError, type InternalAxiosRequestConfig } from 'axios';
import ky from 'ky';
import { ofetch } from 'ofetch';
import wretch from 'wretch';
import type { Tokens } from './slow-service.ts';

/** Gets the account; rejects when that fails. */
export type Get = () => Promise<unknown>;
export type Make = (url: string, tokens: Tokens) => Get;

const ME = '/api/users/me';
const REFRESH = '/api/token/refresh';
const bearer = ({ access }: Tokens) => `Bearer ${access}`;

/** ky's readme: `hooks.afterResponse`, "Or retry with a fresh token on a 401 error". */
const withKy: Make = (url, tokens) => {
  const api = ky.create({
    hooks: {
      beforeRequest: [({ request }) => request.headers.set('Authorization', bearer(tokens))],
      afterResponse: [
        async ({ request, response, retryCount }) => {
          if (response.status !== 401 || retryCount > 0) return undefined;
          const { refresh } = tokens;
          Object.assign(tokens, await ky.post(url + REFRESH, { json: { refresh } }).json());
          const headers = new Headers(request.headers);
          headers.set('Authorization', bearer(tokens));
          return ky.retry({ request: new Request(request, { headers }), code: 'TOKEN_REFRESHED' });
        },
      ],
    },
  });
  return () => api.get(url + ME).json();
};

/** The usual short response interceptor: no queue. */
const withAxios: Make = (url, tokens) => {
  const api = axios.create({ baseURL: url });
  const retried = new WeakSet<InternalAxiosRequestConfig>();
  api.interceptors.request.use((config) => {
    config.headers.set('Authorization', bearer(tokens));
    return config;
  });
  api.interceptors.response.use(undefined, async (error: AxiosError) => {
    const { config, response } = error;
    if (!config || response?.status !== 401 || retried.has(config)) throw error;
    retried.add(config);
    const { data } = await axios.post<Tokens>(url + REFRESH, { refresh: tokens.refresh });
    Object.assign(tokens, data);
    return api(config);
  });
  return () => api.get(ME);
};

/** ofetch's readme: interceptors and `retryStatusCodes`. */
const withOfetch: Make = (url, tokens) => {
  const api = ofetch.create({
    baseURL: url,
    retry: 1,
    retryStatusCodes: [401],
    onRequest({ options }) {
      options.headers.set('Authorization', bearer(tokens));
    },
    async onResponseError({ response }) {
      if (response.status !== 401) return;
      const body = { refresh: tokens.refresh };
      Object.assign(tokens, await ofetch(url + REFRESH, { method: 'POST', body }));
    },
  });
  return () => api(ME);
};

/** wretch's readme: "Automatic Token Refresh", `resolve` with `unauthorized`. */
const withWretch: Make = (url, tokens) => {
  const refresh = async () => {
    const pair = await wretch(url + REFRESH).post({ refresh: tokens.refresh });
    Object.assign(tokens, await pair.json());
  };
  const api = wretch(url).resolve((response) =>
    response.unauthorized(async (_error, request) => {
      await refresh();
      return request.auth(bearer(tokens)).fetch().res();
    }),
  );
  return () => api.auth(bearer(tokens)).get(ME).res();
};

export const clients: Readonly<Record<string, Make>> = {
  ky: withKy,
  axios: withAxios,
  ofetch: withOfetch,
  wretch: withWretch,
};
