import type { Server } from "../mesh/mesh";

/** How a link is, where somebody looked. */
export type LinkState = "up" | "lossy" | "down" | "unknown";

/** How the link between two servers is; `dialler` has the higher index. */
export interface LiveLink {
  listener: string;
  dialler: string;
  state: LinkState;
  /** As people read it: "0.42 ms". */
  roundTrip?: string;
}

export function liveLinkOf(live: LiveLink[] | undefined, dialler: Server, listener: Server): LiveLink | undefined {
  return live?.find((link) => link.dialler === dialler.name && link.listener === listener.name);
}
