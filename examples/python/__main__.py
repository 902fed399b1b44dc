import pulumi
import pulumi_fakevpc as fakevpc

config = pulumi.Config()

# By name, as in the other examples: {"server1": {"address": "203.0.113.11", "hostKey": "ssh-ed25519 AAAA…"}, …}
servers = config.require_object("servers")

mesh = fakevpc.FakeVpc(
    "mesh",
    servers={
        name: {"address": server["address"], "host_key": server.get("hostKey")}
        for name, server in servers.items()
    },
    services={"postgres": {"server": "server1", "port": 5432}},
    ssh={"private_key": config.require_secret("sshKey")},
)

pulumi.export("servers", mesh.servers)
