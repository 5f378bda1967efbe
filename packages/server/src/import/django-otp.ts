/** Where django-otp keeps second factors: its tables, and its models in a dump. */
import type { ForeignFactor, ForeignFactors } from './apps.ts';
import type { Entry } from './dump-entry.ts';
import type { ForeignDatabase, ForeignTable, Row } from './foreign-database.ts';
import type { ForeignCode } from './static-codes.ts';
import type { Table } from './user-table.ts';

const TOTP = /^otp_totp[._]totpdevice$/;
const STATIC = /^otp_static[._]staticdevice$/;
const STATIC_TOKEN = /^otp_static[._]statictoken$/;

/** By the names of the tables, which all apps of django-otp form alike. */
const isDevice = (name: string, { columns }: Pick<Table, 'columns'>, owner: string) =>
  /device$/.test(name) && [owner, 'confirmed', 'name'].every((each) => columns.includes(each));

const factorIn = (name: string, row: Row, owner: unknown): ForeignFactor => ({
  owner,
  confirmed: row['confirmed'],
  ...(TOTP.test(name) && { totp: row }),
});

/** @param id the column with the accounts' ids; devices refer to the primary key */
export async function factorsOver(
  database: ForeignDatabase,
  users: ForeignTable,
  tables: readonly ForeignTable[],
  id: string,
): Promise<ForeignFactors> {
  const there = tables.filter(({ schema }) => schema === users.schema);
  const devices = there.filter((table) => isDevice(table.table, table, 'user_id'));
  if (devices.length === 0) return { factors: [], codes: [] };
  const key = users.primaryKey ?? id;
  const ids = new Map<string, unknown>();
  if (key !== id) {
    const query = `select ${quote(key)} as key, ${quote(id)} as id from ${reference(users)}`;
    for await (const row of database.select(query)) ids.set(String(row['key']), row['id']);
  }
  const ownerOf = (user: unknown) => (key === id ? user : ids.get(String(user)));
  const tokens = there.find(({ table }) => STATIC_TOKEN.test(table));
  const factors: ForeignFactor[] = [];
  const codes: ForeignCode[] = [];
  for (const device of devices) {
    const isStatic = STATIC.test(device.table);
    if (isStatic && !tokens) continue;
    const query =
      isStatic && tokens
        ? `select d.user_id, d.confirmed, t.token from ${reference(device)} d
           join ${reference(tokens)} t on t.device_id = d.id order by t.id`
        : `select * from ${reference(device)} order by id`;
    for await (const row of database.select(query)) {
      const owner = ownerOf(row['user_id']);
      if (isStatic) codes.push({ owner, confirmed: row['confirmed'], token: row['token'] });
      else factors.push(factorIn(device.table, row, owner));
    }
  }
  return { factors, codes };
}

/** @param ownerOf the id of an account, by its primary key */
export function factorsIn(
  entries: readonly Entry[],
  ownerOf: (key: unknown) => unknown,
): ForeignFactors {
  const tokens = Map.groupBy(
    entries.filter(({ model }) => STATIC_TOKEN.test(model)),
    ({ fields }) => String(fields['device']),
  );
  const factors: ForeignFactor[] = [];
  const codes: ForeignCode[] = [];
  for (const { model, pk, fields } of entries) {
    if (!isDevice(model, { columns: Object.keys(fields) }, 'user')) continue;
    const owner = ownerOf(fields['user']);
    if (!STATIC.test(model)) factors.push(factorIn(model, fields, owner));
    else
      for (const { fields: of } of tokens.get(String(pk)) ?? [])
        codes.push({ owner, confirmed: fields['confirmed'], token: of['token'] });
  }
  return { factors, codes };
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
const reference = ({ schema, table }: ForeignTable) => `${quote(schema)}.${quote(table)}`;
