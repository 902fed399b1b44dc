import { packageFile } from "../../components/packageFile";

/** The path of one of this directory's shell scripts; the compiler leaves them where they are. */
export function script(name: string): string {
  return packageFile("lab/servers", name);
}
