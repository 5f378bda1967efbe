import { Type } from 'typebox';

/** What a client may see of an account; responses are serialised from this list alone. */
export const UserView = Type.Object({ id: Type.Integer(), email: Type.String() });
