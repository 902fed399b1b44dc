// Compiles Pulumi's host for YAML programs, the version that goes with the engine's; see compile.ts.
module fakevpc.local/pulumi-language-yaml

go 1.25

require github.com/pulumi/pulumi-yaml v1.38.3
