import { isIPv6 } from "node:net";
import { CommandError } from "../stack/pulumi";

/** Where SSH reaches a server, as people write it: [USER@]ADDRESS[:PORT]. */
export interface Place {
  user?: string;
  address: string;
  port?: number;
}

export function placeOf(text: string): Place {
  const [, user, rest] = /^(?:([^@]*)@)?(.*)$/.exec(text)!;
  if (isIPv6(rest!)) return { user, address: rest! };
  const parts = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(rest!);
  if (!parts) throw new CommandError(`"${text}" is not [USER@]ADDRESS[:PORT], with an IPv6 address in brackets`);
  const [, bracketed, bare, port] = parts;
  return { user, address: (bracketed ?? bare)!, port: port === undefined ? undefined : Number(port) };
}

/** "NAME=VALUE" in two. */
export function namedValue(flag: string, text: string): [name: string, value: string] {
  const at = text.indexOf("=");
  if (at < 1) throw new CommandError(`${flag}: "${text}" is not NAME=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}
