import { readStackConfig, stackMesh } from "fakevpc";
import { installEcho } from "./echo";

const mesh = stackMesh();
installEcho(readStackConfig(), mesh);

export const servers = mesh.servers;
