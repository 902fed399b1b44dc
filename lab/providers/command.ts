// The stand-in for the provider plugin "command": test equipment, for machines without Pulumi's servers.
import { localCommand } from "./command/local";
import { remoteCommand } from "./command/remote";
import { serve } from "./protocol/server";

serve("command", { "command:local:Command": localCommand, "command:remote:Command": remoteCommand });
