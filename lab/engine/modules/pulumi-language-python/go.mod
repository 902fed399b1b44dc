// Compiles Pulumi's host for Python programs, from the last version that is within a published module; see compile.ts.
module fakevpc.local/pulumi-language-python

go 1.25

require github.com/pulumi/pulumi/sdk/v3 v3.68.0
