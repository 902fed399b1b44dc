/** The middle one, or the mean of the two in the middle. */
export function median(values: number[]): number {
  if (values.length === 0) throw new Error("nothing was measured");
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * How a figure grows with the size: the exponent p of size^p that fits best, by least squares of the logarithms.
 * 0 is constant, 1 proportional, 2 quadratic. Undefined without two sizes.
 */
export function growth(points: { size: number; value: number }[]): number | undefined {
  const logarithms = points.map(({ size, value }) => ({ x: Math.log(size), y: Math.log(value) }));
  const mean = (pick: (point: { x: number; y: number }) => number) =>
    logarithms.reduce((sum, point) => sum + pick(point), 0) / logarithms.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const spread = mean((point) => (point.x - x) ** 2);
  if (!(spread > 0)) return undefined;
  return mean((point) => (point.x - x) * (point.y - y)) / spread;
}
