import { createMesh } from "./stackMesh";

/** The mesh of the selected stack, as its config in `stacks/` describes it. */
const mesh = createMesh();

export const servers = mesh.servers;
export const graph = mesh.graph;
