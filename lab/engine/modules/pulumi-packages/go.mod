// Compiles what writes a package for a language from a schema: the newest hosts, which do it, are in no module proxy.
module fakevpc.local/pulumi-packages

go 1.25

require github.com/pulumi/pulumi/pkg/v3 v3.257.0
