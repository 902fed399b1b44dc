// The policy pack, as Pulumi starts it. What it asks for is in rules.js.
const { PolicyPack } = require("@pulumi/policy");
const { hostKeysPinned, noSecretInCommands, diallersKeepAlive, relaysStayInside } = require("./rules");

new PolicyPack("fakevpc", {
  enforcementLevel: "mandatory",
  policies: [hostKeysPinned, noSecretInCommands, diallersKeepAlive, relaysStayInside],
});
