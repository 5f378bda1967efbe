/** Planted bugs of single features. */
import type { KyselyPlugin, OperationNode } from 'kysely';
import type { Transaction, Tx } from '../../../packages/server/src/database/database.ts';
import type { OpenDatabase } from '../../../packages/server/src/database/open.ts';
import { mailPlants } from './mail-plants.ts';

const CODE_TABLES = ['totp_factors', 'recovery_codes'];
const CONDITIONS = /"name":"(?:last_step|used_at)"/;

/** A condition without the parts that require a code to be unspent. */
function without(node: OperationNode): OperationNode | undefined {
  if (node.kind === 'AndNode' && 'left' in node && 'right' in node) {
    const [left, right] = [node.left, node.right].map((each) => without(each as OperationNode));
    return left && right ? ({ ...node, left, right } as OperationNode) : (left ?? right);
  }
  return CONDITIONS.test(JSON.stringify(node)) ? undefined : node;
}

/** I12: a code that was unspent when it was looked up is accepted, even if it was spent meanwhile. */
function spentRegardless(database: OpenDatabase): OpenDatabase {
  const changed = new WeakSet<Tx>();
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      if (node.kind !== 'UpdateQueryNode' || !node.where || !node.table) return node;
      const table = JSON.stringify(node.table);
      if (!CODE_TABLES.some((name) => table.includes(`"name":"${name}"`))) return node;
      const where = without(node.where.where);
      return where ? { ...node, where: { ...node.where, where } } : node;
    },
    transformResult: async ({ result }) => result,
  };
  const transaction: Transaction = (work) =>
    database.transaction((tx) => {
      if (!changed.has(tx)) Object.assign(tx, { db: tx.db.withPlugin(plugin) });
      changed.add(tx);
      return work(tx);
    });
  return { ...database, transaction };
}

/** I13: the number of an open transaction counts as readable; with one writer, the next number does. */
function settledTooEarly(database: OpenDatabase): OpenDatabase {
  const ahead = database.file === undefined ? 0 : 1;
  const auditNumbers: OpenDatabase['auditNumbers'] = async () => {
    const { head } = await database.auditNumbers();
    return { head: head + ahead, writers: [] };
  };
  return { ...database, auditNumbers };
}

export const featurePlants = { ...mailPlants, I12: spentRegardless, I13: settledTooEarly };
