export type { FakeVpcArgs, ProxyArgs, ServerArgs, ServerOutputs, ServiceArgs, SshArgs } from "./args";
export { DeployKey } from "./DeployKey";
export { FakeVpc } from "./FakeVpc";
export { readStackConfig } from "./stackConfig";
export { stackMesh } from "./stackMesh";
