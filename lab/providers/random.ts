// The stand-in for the provider plugin "random": test equipment, for machines without Pulumi's servers.
import { randomBytes, randomInt } from "node:crypto";
import { Generated } from "./protocol/generated";
import { serve } from "./protocol/server";
import { isObject, secret } from "./protocol/values";

const length = {
  required: true,
  accepts: (value: unknown) => Number.isInteger(value) && (value as number) >= 1,
  rule: "length takes a whole number from 1",
};

const bytes = new Generated(
  {
    length,
    keepers: { accepts: isObject, rule: "keepers takes a map" },
  },
  ["base64", "hex"],
  ({ length }) => {
    const value = randomBytes(length as number);
    const base64 = value.toString("base64");
    // The official provider too has the value itself as the resource's id, which Pulumi cannot encrypt.
    return { id: base64, outputs: { base64: secret(base64), hex: secret(value.toString("hex")) } };
  },
);

const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const password = new Generated(
  {
    length,
    special: { required: true, accepts: (value) => value === false, rule: "special takes false" },
  },
  ["result"],
  ({ length }) => {
    const result = Array.from({ length: length as number }, () => characters[randomInt(characters.length)]).join("");
    return { id: "none", outputs: { result: secret(result) } };
  },
);

serve("random", {
  "random:index/randomBytes:RandomBytes": bytes,
  "random:index/randomPassword:RandomPassword": password,
});
