/**
 * The cheapest way to give each row at most one column (the Hungarian method, by shortest augmenting paths, Jonker and Volgenant 1987).
 * @param costs `[rows, columns]`; Infinity where a pair may not be
 * @returns for each row its column, or -1
 */
export function assign(costs: readonly (readonly number[])[]): number[] {
  const rows = costs.length;
  const columns = costs[0]?.length ?? 0;
  // Room for each row to stay alone, at a price above that of any pair.
  const highest = costs.flat().reduce((most, each) => (Number.isFinite(each) ? Math.max(most, each) : most), 0); // A crowd has more than a call takes.
  const alone = 1 + highest * (rows + 1);
  const width = columns + rows;
  const cost = (row: number, column: number): number => {
    const value = column < columns ? costs[row]![column]! : alone;
    return Number.isFinite(value) ? value : alone * (rows + 2);
  };
  const rowPrice = new Float64Array(rows);
  const columnPrice = new Float64Array(width);
  const rowOf = new Int32Array(width).fill(-1);
  for (let start = 0; start < rows; start++) {
    const distance = new Float64Array(width).fill(Infinity);
    const from = new Int32Array(width).fill(-1);
    const seen = new Uint8Array(width);
    let row = start;
    let column = -1;
    let reached = 0;
    do {
      if (column >= 0) seen[column] = 1;
      let best = -1;
      for (let other = 0; other < width; other++) {
        if (seen[other] === 1) continue;
        const way = reached + cost(row, other) - rowPrice[row]! - columnPrice[other]!;
        if (way < distance[other]!) {
          distance[other] = way;
          from[other] = column;
        }
        if (best < 0 || distance[other]! < distance[best]!) best = other;
      }
      column = best;
      reached = distance[best]!;
      row = rowOf[best]!;
    } while (row >= 0);
    for (let other = 0; other < width; other++) {
      if (seen[other] === 0) continue;
      const change = reached - distance[other]!;
      columnPrice[other]! -= change;
      rowPrice[rowOf[other]!]! += change;
    }
    rowPrice[start]! += reached;
    for (let end = column; end >= 0; end = from[end]!) rowOf[end] = from[end]! >= 0 ? rowOf[from[end]!]! : start;
  }
  const result = Array.from({ length: rows }, () => -1);
  for (let column = 0; column < columns; column++) {
    const row = rowOf[column]!;
    if (row >= 0 && Number.isFinite(costs[row]![column]!)) result[row] = column;
  }
  return result;
}
