import type { MeasuredLink } from "../findings/links";

/** Milliseconds of round trip, and the share of packets lost; null where there is none to tell. */
export type Point = [roundTrip: number | null, lost: number | null];

/** How many looks are remembered: ten minutes of them, as the page looks. */
const remembered = 120;

/** The last looks at each link. */
export class History {
  private readonly points = new Map<string, Point[]>();

  add(mesh: string, links: MeasuredLink[]): void {
    for (const link of links) {
      const point: Point = [rounded(link.roundTrip), rounded(link.lost)];
      this.points.set(keyOf(mesh, link), [...this.of(mesh, link), point].slice(-remembered));
    }
  }

  of(mesh: string, link: MeasuredLink): Point[] {
    return this.points.get(keyOf(mesh, link)) ?? [];
  }
}

function keyOf(mesh: string, { listener, dialler }: MeasuredLink): string {
  return [mesh, listener, dialler].join(" ");
}

/** To what a line of some pixels can show. */
function rounded(number: number | undefined): number | null {
  return number === undefined ? null : Number(number.toPrecision(3));
}
