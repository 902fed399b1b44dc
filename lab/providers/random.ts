// The stand-in for the provider plugin "random": test equipment, for machines without Pulumi's servers.
import { randomBytes } from "node:crypto";
import { Generated } from "./protocol/generated";
import { serve } from "./protocol/server";
import { isObject, secret } from "./protocol/values";

const bytes = new Generated(
  {
    length: {
      required: true,
      accepts: (value) => Number.isInteger(value) && (value as number) >= 1,
      rule: "length takes a whole number from 1",
    },
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

serve("random", { "random:index/randomBytes:RandomBytes": bytes });
