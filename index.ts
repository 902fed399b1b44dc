import { stackMesh } from "fakevpc";

/** The mesh of the selected stack, as its config in `stacks/` describes it. */
const mesh = stackMesh();

export const servers = mesh.servers;
export const graph = mesh.graph;
