import { type Box, overlap, type Point } from "./geometry";

/** What is to be placed: a server's words beside its circle, and an arrow to each server that it dials. */
export interface GraphServer {
  /** The size of its words. */
  width: number;
  height: number;
  arrows: { to: number; labelWidth: number }[];
}

export interface Layout {
  servers: { centre: Point; words: Box }[];
  arrows: { from: number; to: number; start: Point; end: Point; label: Box }[];
}

export const circleRadius = 24;
const labelHeight = 15;
/** Room for an arrow's head before the circle that it points to. */
const headRoom = 16;

/** Servers on a ring, clockwise from the top, their words outside it; each arrow's label at the end where it starts. */
export function layOut(servers: GraphServer[]): Layout {
  const count = servers.length;
  const longest = Math.max(0, ...servers.flatMap(({ arrows }) => arrows.map(({ labelWidth }) => labelWidth)));
  // Between neighbours there is room for a label and the arrow's head; all else that could touch widens the ring.
  const shortest = labelStart(count) + longest + circleRadius + 2 * headRoom;
  let radius = Math.max(150, count < 2 ? 0 : shortest / (2 * Math.sin(Math.PI / count)));
  let layout = onRing(servers, radius);
  for (let attempt = 0; attempt < 50 && touches(layout); attempt++) {
    radius *= 1.05;
    layout = onRing(servers, radius);
  }
  return layout;
}

/** Arrows leave a server as a fan; its labels begin where the fan is open wide enough for them. */
function labelStart(count: number): number {
  return Math.max(circleRadius + 14, (labelHeight + 1) / (2 * Math.tan(Math.PI / (2 * Math.max(count, 2)))));
}

function onRing(servers: GraphServer[], radius: number): Layout {
  const count = servers.length;
  // Two stand side by side.
  const first = count === 2 ? Math.PI : -Math.PI / 2;
  const angles = servers.map((_, at) => first + (2 * Math.PI * at) / count);
  const centres = angles.map((angle) => along({ x: 0, y: 0 }, angle, radius));
  const arrows = servers.flatMap(({ arrows: dialled }, from) =>
    dialled.map(({ to, labelWidth }) => {
      const [start, end] = [centres[from]!, centres[to]!];
      const angle = Math.atan2(end.y - start.y, end.x - start.x);
      const middle = along(start, angle, labelStart(count) + labelWidth / 2);
      return {
        from,
        to,
        start: along(start, angle, circleRadius),
        end: along(end, angle, -circleRadius - 3),
        label: { ...middle, width: labelWidth, height: labelHeight, angle: upright(angle) },
      };
    }),
  );
  return {
    servers: servers.map((server, at) => ({
      centre: centres[at]!,
      words: wordsBeside(centres[at]!, angles[at]!, server),
    })),
    arrows,
  };
}

/** Above or below the circle at the ring's top and bottom, to its side elsewhere. */
function wordsBeside(centre: Point, angle: number, { width, height }: GraphServer): Box {
  const distance = circleRadius + 10;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const offset =
    Math.abs(cos) < 0.2
      ? { x: 0, y: Math.sign(sin) * (distance + height / 2) }
      : { x: Math.sign(cos) * (distance + width / 2), y: (sin * height) / 2 };
  return { x: centre.x + offset.x, y: centre.y + offset.y, width, height, angle: 0 };
}

function along({ x, y }: Point, angle: number, distance: number): Point {
  return { x: x + distance * Math.cos(angle), y: y + distance * Math.sin(angle) };
}

/** Text that reads from left to right. */
function upright(angle: number): number {
  if (angle > Math.PI / 2 + 1e-9) return angle - Math.PI;
  return angle < -Math.PI / 2 + 1e-9 ? angle + Math.PI : angle;
}

/** Everything that must not cover anything else. */
export function boxesOf({ servers, arrows }: Layout): Box[] {
  const size = 2 * circleRadius;
  return [
    ...servers.map(({ centre }) => ({ ...centre, width: size, height: size, angle: 0 })),
    ...servers.map(({ words }) => words),
    ...arrows.map(({ label }) => label),
  ];
}

function touches(layout: Layout): boolean {
  const boxes = boxesOf(layout);
  return boxes.some((box, at) => boxes.slice(at + 1).some((other) => overlap(box, other)));
}
