using System.Collections.Generic;
using System.Text.Json;
using Pulumi;
using Pulumi.Fakevpc;
using Pulumi.Fakevpc.Inputs;

return await Deployment.RunAsync(() =>
{
    var config = new Config();

    var servers = new Dictionary<string, ServerArgs>();
    foreach (var (name, entry) in config.RequireObject<Dictionary<string, Dictionary<string, JsonElement>>>("servers"))
    {
        var server = new ServerArgs { Address = entry["address"].GetString()! };
        if (entry.TryGetValue("hostKey", out var hostKey)) server.HostKey = hostKey.GetString()!;
        servers[name] = server;
    }

    var mesh = new FakeVpc("mesh", new FakeVpcArgs
    {
        Servers = servers,
        Services = new Dictionary<string, ServiceArgs> { ["postgres"] = new() { Server = "server1", Port = 5432 } },
        Ssh = new SshArgs { PrivateKey = config.RequireSecret("sshKey") },
    });

    return new Dictionary<string, object?> { ["servers"] = mesh.Servers };
});
