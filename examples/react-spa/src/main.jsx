import { createClient } from '@gatepass/client';
import { GatepassProvider } from '@gatepass/client/react';
import { createRoot } from 'react-dom/client';
import { Account } from './account.jsx';

const client = createClient({ url: '/', storage: 'cookie' });

createRoot(document.getElementById('root')).render(
  <GatepassProvider client={client}>
    <Account />
  </GatepassProvider>,
);
