// Compiles the Pulumi CLI where it can be neither found nor downloaded; see compile.ts.
module fakevpc.local/pulumi

go 1.25

require github.com/pulumi/pulumi/pkg/v3 v3.259.0

// The CLI's own module has this line too, but Go heeds it in the main module only.
replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e
