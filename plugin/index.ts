/** The component for programs in any language: Pulumi infers its schema from the types behind this line. */
export { FakeVpc } from "../dist/components";
