export interface Point {
  x: number;
  y: number;
}

/** A rectangle around its centre, turned by an angle in radians. */
export interface Box extends Point {
  width: number;
  height: number;
  angle: number;
}

export function cornersOf({ x, y, width, height, angle }: Box): Point[] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const signs = [
    [1, 1],
    [1, -1],
    [-1, -1],
    [-1, 1],
  ] as const;
  return signs.map(([right, down]) => {
    const [dx, dy] = [(right * width) / 2, (down * height) / 2];
    return { x: x + dx * cos - dy * sin, y: y + dx * sin + dy * cos };
  });
}

/** Two rectangles are apart exactly if one of their sides' directions separates them. */
export function overlap(one: Box, other: Box): boolean {
  const corners = [cornersOf(one), cornersOf(other)] as const;
  const directions = [one.angle, one.angle + Math.PI / 2, other.angle, other.angle + Math.PI / 2];
  return directions.every((angle) => {
    const [first, second] = corners.map((points) =>
      points.map(({ x, y }) => x * Math.cos(angle) + y * Math.sin(angle)),
    ) as [number[], number[]];
    return Math.max(...first) > Math.min(...second) && Math.max(...second) > Math.min(...first);
  });
}
