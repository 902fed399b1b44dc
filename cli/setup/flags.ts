import type { Confirmation } from "./hostKey";
import { namedValue } from "./place";

export interface HostKeyFlags {
  "host-key"?: string[];
  "accept-host-keys"?: boolean;
}

/** The host keys that the operator vouches for. Where one server is meant, its name need not be said. */
export function confirmationOf(flags: HostKeyFlags, only?: string): Confirmation {
  const keys = (flags["host-key"] ?? []).map((text): [string, string] =>
    only !== undefined && /^(SHA256:|(ssh|ecdsa)-\S+ )/.test(text) ? [only, text] : namedValue("--host-key", text),
  );
  return { keys: new Map(keys), acceptAll: flags["accept-host-keys"] ?? false };
}
