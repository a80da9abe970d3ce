/** Disjoint sets of the numbers 0 to n - 1 (Tarjan, 1975): union by size, paths halved. */
export interface UnionFind {
  union(a: number, b: number): void;
  find(a: number): number;
  /** How many are in the set of `a`. */
  sizeOf(a: number): number;
  /** Every set, its members ascending, sets in order of their first member. */
  sets(): number[][];
}

export function createUnionFind(length: number): UnionFind {
  const parent = Int32Array.from({ length }, (_, index) => index);
  const size = new Int32Array(length).fill(1);
  const find = (start: number): number => {
    let node = start;
    while (parent[node] !== node) {
      parent[node] = parent[parent[node]!]!;
      node = parent[node]!;
    }
    return node;
  };
  return {
    find,
    sizeOf: (a) => size[find(a)]!,
    union(a, b) {
      const rootA = find(a);
      const rootB = find(b);
      if (rootA === rootB) return;
      const [large, small] = size[rootA]! >= size[rootB]! ? [rootA, rootB] : [rootB, rootA];
      parent[small] = large;
      size[large]! += size[small]!;
    },
    sets() {
      const members = new Map<number, number[]>();
      for (let index = 0; index < length; index++) {
        const root = find(index);
        const set = members.get(root);
        if (set === undefined) members.set(root, [index]);
        else set.push(index);
      }
      return [...members.values()];
    },
  };
}
