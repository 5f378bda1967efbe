import { createClient } from '@gatepass/client';
import { GatepassProvider } from '@gatepass/client/react';
import { visit } from '@gatepass/client/server';
import { data } from 'react-router';
import { Account } from './account.jsx';

// On the server it sends nothing and knows no login: visitors share nothing.
const client = createClient({ url: '/', storage: 'cookie' });

/** On the server: who asks for the page, and the cookie that the page brings back. */
export async function loader({ request }) {
  const { user, setCookies, error } = await visit(request, {
    url: process.env.GATEPASS_URL,
    origin: process.env.GATEPASS_PUBLIC_URL,
  });
  if (error) console.error(String(error));
  const cookies = setCookies.map((cookie) => ['set-cookie', cookie]);
  // The page is for one visitor: a cache would show it, and its cookie, to others.
  return data({ user }, { headers: [['cache-control', 'private, no-store'], ...cookies] });
}

/** The page carries the cookie of its loader. */
export const headers = ({ loaderHeaders }) => loaderHeaders;

export default function Home({ loaderData }) {
  return (
    <GatepassProvider client={client} user={loaderData.user}>
      <Account />
    </GatepassProvider>
  );
}
