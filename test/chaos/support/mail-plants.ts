/** The planted bugs of mail: I10, I10b and I10c. */
import type { KyselyPlugin, RootOperationNode } from 'kysely';
import type { Transaction, Tx } from '../../../packages/server/src/database/database.ts';
import type { OpenDatabase } from '../../../packages/server/src/database/open.ts';

type Leased = { readonly id: number; readonly createdAt: number };

const isLeased = (value: unknown): value is Leased[] =>
  Array.isArray(value) && value.length > 0 && 'dueAt' in Object(value[0]);

/** I10: a mail is taken out of the outbox before it is sent. */
function removedWhenLeased(database: OpenDatabase): OpenDatabase {
  const transaction: Transaction = (work) =>
    database.transaction(async (tx) => {
      const value = await work(tx);
      if (isLeased(value)) {
        const ids = value.map(({ id }) => id);
        await tx.db.deleteFrom('outbox').where('id', 'in', ids).execute();
      }
      return value;
    });
  return { ...database, transaction };
}

/** I10b: a mail's date is the time when it is sent, not when it was requested. */
function datedWhenSent(database: OpenDatabase): OpenDatabase {
  const transaction: Transaction = async (work) => {
    const value = await database.transaction(work);
    if (!isLeased(value)) return value;
    const createdAt = Date.now();
    return value.map((mail) => ({ ...mail, createdAt })) as typeof value;
  };
  return { ...database, transaction };
}

/** I10c: a mail stays although the transaction of its cause does not. */
function queuedBeside(database: OpenDatabase): OpenDatabase {
  const transaction: Transaction = async (work) => {
    const queued: RootOperationNode[] = [];
    const plugin: KyselyPlugin = {
      transformQuery({ node }) {
        if (node.kind === 'InsertQueryNode' && node.into?.table.identifier.name === 'outbox')
          queued.push(node);
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const watched = (tx: Tx) => work(Object.assign(tx, { db: tx.db.withPlugin(plugin) }));
    try {
      return await database.transaction(watched);
    } catch (error) {
      for (const node of queued) await insertUntilItStays(database, node);
      throw error;
    }
  };
  return { ...database, transaction };
}

async function insertUntilItStays(database: OpenDatabase, node: RootOperationNode): Promise<void> {
  for (let isThere = false; !isThere; )
    isThere = await database
      .transaction(async ({ db }) => {
        const executor = db.getExecutor();
        const query = { queryId: 'planted' };
        await executor.executeQuery(executor.compileQuery(node, query));
        return true;
      })
      .catch(() => false);
}

export const mailPlants = { I10: removedWhenLeased, I10b: datedWhenSent, I10c: queuedBeside };
