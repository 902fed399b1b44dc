import * as pulumi from "@pulumi/pulumi";

/** Something of which each program in this process has one; a program is known by the monitor that it talks to. */
export function ofProgram<T>(make: () => T): () => T {
  const all = new WeakMap<object, T>();
  return () => {
    const monitor = pulumi.runtime.getMonitor() ?? {};
    if (!all.has(monitor)) all.set(monitor, make());
    return all.get(monitor)!;
  };
}
