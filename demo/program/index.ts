import { readStackConfig } from "../../stackConfig";
import { createMesh } from "../../stackMesh";
import { installEcho } from "./echo";

const mesh = createMesh();
installEcho(readStackConfig(), mesh);

export const servers = mesh.servers;
