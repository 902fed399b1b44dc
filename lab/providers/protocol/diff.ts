import { isDeepStrictEqual } from "node:util";
import { isObject, isSigned, type Properties } from "./values";

export type Change = "add" | "delete" | "update";

/** The changes from one set of inputs to another, by property path ("connection.host", "triggers[0]"). */
export function changes(olds: Properties, news: Properties): Map<string, Change> {
  const found = new Map<string, Change>();
  compareObjects("", withoutInternals(olds), withoutInternals(news), found);
  return found;
}

/** The engine adds a version and fields that begin with two underscores, which are nobody's input. */
function withoutInternals(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => key !== "version" && !key.startsWith("__")));
}

function compareObjects(path: string, olds: Properties, news: Properties, found: Map<string, Change>): void {
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    compare(joined(path, key), olds[key], news[key], found);
  }
}

function compare(path: string, before: unknown, after: unknown, found: Map<string, Change>): void {
  if (isDeepStrictEqual(before ?? null, after ?? null)) return;
  if (before === undefined || before === null) found.set(path, "add");
  else if (after === undefined || after === null) found.set(path, "delete");
  else if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    for (let index = 0; index < length; index++) compare(`${path}[${index}]`, before[index], after[index], found);
  } else if (isPlain(before) && isPlain(after)) compareObjects(path, before, after, found);
  else found.set(path, "update");
}

/** A secret is compared as a whole, so that becoming secret is a change too. */
function isPlain(value: unknown): value is Properties {
  return isObject(value) && !isSigned(value);
}

function joined(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
