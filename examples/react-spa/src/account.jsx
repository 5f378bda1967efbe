import { GatepassError } from '@gatepass/client';
import { useSession, useUser } from '@gatepass/client/react';
import { useState } from 'react';

export function Account() {
  const { status, client } = useSession();
  const { user } = useUser();
  if (status === 'loading') return <p>…</p>;
  if (status === 'logged_out') return <Login client={client} />;
  return (
    <>
      <h1>Hello {user?.email}</h1>
      <button type="button" onClick={() => client.logout()}>
        Log out
      </button>
    </>
  );
}

function Login({ client }) {
  const [message, setMessage] = useState('');

  async function submit(event) {
    event.preventDefault();
    const form = new FormData(event.currentTarget, event.nativeEvent.submitter);
    const [email, password] = [form.get('email'), form.get('password')];
    try {
      if (form.get('what') === 'register') await client.register(email, password);
      await client.login(email, password);
    } catch (error) {
      if (!(error instanceof GatepassError)) throw error;
      setMessage(Object.values(error.fields ?? { error: [error.message] }).join(' '));
    }
  }

  return (
    <form onSubmit={submit}>
      <h1>Log in</h1>
      <label>
        E-mail <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button type="submit">Log in</button>
      <button type="submit" name="what" value="register">
        Register
      </button>
      <p role="alert">{message}</p>
    </form>
  );
}
