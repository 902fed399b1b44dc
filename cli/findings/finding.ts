/** Of a mesh that is there, and of servers that are to become one. */
type Kind =
  | ("ssh" | "link" | "loss" | "mtu" | "address" | "clock" | "drift" | "plan" | "warning" | "missing")
  | ("login" | "system" | "disk" | "range" | "taken");

/** One thing that is wrong, and what to do about it. */
export interface Finding {
  kind: Kind;
  /** The server, or both ends of a link. */
  servers: string[];
  /** What is wrong. */
  message: string;
  remedy: string;
}

/** "a", "a and b", "a, b and c". */
export function listed(names: string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** A time span by its largest unit. */
export function span(seconds: number): string {
  const [amount, unit] =
    seconds < 120
      ? [seconds, "s"]
      : seconds < 7200
        ? [seconds / 60, "min"]
        : seconds < 172_800
          ? [seconds / 3600, "h"]
          : [seconds / 86_400, "d"];
  return `${Math.round(amount)} ${unit}`;
}
