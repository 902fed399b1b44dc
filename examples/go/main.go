package main

import (
	"github.com/fakevpc/pulumi-fakevpc/sdk/go/fakevpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

// An entry of the config `servers`.
type server struct {
	Address string  `json:"address"`
	HostKey *string `json:"hostKey"`
}

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		conf := config.New(ctx, "")
		var entries map[string]server
		conf.RequireObject("servers", &entries)
		servers := map[string]fakevpc.ServerInput{}
		for name, entry := range entries {
			servers[name] = fakevpc.ServerArgs{
				Address: pulumi.String(entry.Address),
				HostKey: pulumi.StringPtrFromPtr(entry.HostKey),
			}
		}

		mesh, err := fakevpc.NewFakeVpc(ctx, "mesh", &fakevpc.FakeVpcArgs{
			Servers:  servers,
			Services: map[string]fakevpc.ServiceInput{"postgres": fakevpc.ServiceArgs{Server: "server1", Port: 5432}},
			Ssh:      &fakevpc.SshArgs{PrivateKey: conf.RequireSecret("sshKey")},
		})
		if err != nil {
			return err
		}
		ctx.Export("servers", mesh.Servers)
		return nil
	})
}
