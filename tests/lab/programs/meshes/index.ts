import * as pulumi from "@pulumi/pulumi";
import { FakeVpc, type FakeVpcArgs } from "../../../../components";

/** The stack's config has the arguments of each mesh by its name. */
const meshes = new pulumi.Config().requireObject<Record<string, FakeVpcArgs>>("meshes");

for (const [name, args] of Object.entries(meshes)) new FakeVpc(name, args);
