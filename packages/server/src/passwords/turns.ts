/** Entries in groups within groups. Groups of one level take turns, whatever their sizes. Pure. */

type Group<E> = { readonly groups: Map<string, Group<E>>; entries: E[]; size: number };

const createGroup = <E>(): Group<E> => ({ groups: new Map(), entries: [], size: 0 });

export type Turns<E> = ReturnType<typeof createTurns<E>>;

/** @param pathOf the groups of an entry, the widest first; at least one */
export function createTurns<E>(pathOf: (entry: E) => readonly string[]) {
  const root = createGroup<E>();

  /** The groups along a path, as far as they exist. */
  function groupsOf(path: readonly string[]): Group<E>[] {
    const found = [root];
    for (const key of path) {
      const next = found.at(-1)?.groups.get(key);
      if (!next) break;
      found.push(next);
    }
    return found;
  }

  function removeEmpty(path: readonly string[]): void {
    const groups = groupsOf(path);
    for (let depth = groups.length - 1; depth > 0; depth--) {
      if (groups[depth]?.size === 0) groups[depth - 1]?.groups.delete(path[depth - 1] ?? '');
    }
  }

  return {
    /** The number of entries, in total or in one of the widest groups. */
    size: (key?: string): number => (key === undefined ? root : root.groups.get(key))?.size ?? 0,

    add(entry: E): void {
      root.size++;
      let group = root;
      for (const key of pathOf(entry)) {
        const next = group.groups.get(key) ?? createGroup<E>();
        group.groups.set(key, next);
        next.size++;
        group = next;
      }
      group.entries.push(entry);
    },

    /** Whether it was there. */
    remove(entry: E): boolean {
      const path = pathOf(entry);
      const groups = groupsOf(path);
      const own = groups.length > path.length ? groups.at(-1) : undefined;
      if (!own?.entries.includes(entry)) return false;
      own.entries = own.entries.filter((each) => each !== entry);
      for (const group of groups) group.size--;
      removeEmpty(path);
      return true;
    },

    /** The next in turn, not from the widest group `skipped`. Its groups go to the end of their levels. */
    take(skipped?: string): E | undefined {
      const path: string[] = [];
      let group = root;
      for (;;) {
        const key = [...group.groups.keys()].find((each) => group !== root || each !== skipped);
        const next = key === undefined ? undefined : group.groups.get(key);
        if (key === undefined || !next) break;
        group.groups.delete(key);
        group.groups.set(key, next);
        path.push(key);
        group = next;
      }
      const [entry, ...rest] = group.entries;
      if (entry === undefined) return undefined;
      group.entries = rest;
      for (const each of groupsOf(path)) each.size--;
      removeEmpty(path);
      return entry;
    },

    /**
     * The entry to evict for a newcomer: the newest of the largest group, on the widest level where
     * that group is larger than the newcomer's group would be.
     *
     * @param path the groups of the newcomer
     */
    toLeaveFor(path: readonly string[]): E | undefined {
      let group: Group<E> | undefined = root;
      for (const key of path) {
        const own: Group<E> | undefined = group?.groups.get(key);
        const largest = group && largestIn(group);
        if (largest && largest.size > (own?.size ?? 0) + 1) return newestOfLargest(largest);
        group = own;
      }
      return undefined;
    },
  };
}

/** The largest group; among equals, the one whose turn is furthest away. */
function largestIn<E>({ groups }: Group<E>): Group<E> | undefined {
  let largest: Group<E> | undefined;
  for (const group of groups.values())
    if (largest === undefined || group.size >= largest.size) largest = group;
  return largest;
}

function newestOfLargest<E>(group: Group<E>): E | undefined {
  const largest = largestIn(group);
  return largest ? newestOfLargest(largest) : group.entries.at(-1);
}
