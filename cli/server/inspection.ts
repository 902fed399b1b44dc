/** What a server's own host program says of it: the dry mode of what an up runs there. */
export interface Inspection {
  /** SHA-256 of the host program, and of the plan that was carried out last. */
  program?: string;
  plan?: string;
  /** What an up with that plan would say that it changed. */
  changes: string[];
  /** Why the plan that was given last is not carried out, or cannot be looked at. */
  refusals: string[];
  /** What an up would not change. */
  warnings: { message: string; remedy: string }[];
}

/** The lines of `host.sh inspect`, in any order. */
export function parseInspection(lines: string[]): Inspection {
  const after = (mark: string) => lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(mark.length));
  return {
    program: after("program sha256:")[0],
    plan: after("plan sha256:")[0],
    changes: after("change: "),
    refusals: after("refuse: "),
    warnings: after("warn: ").map((line) => {
      const [message = "", remedy = ""] = line.split(" → ");
      return { message, remedy };
    }),
  };
}
