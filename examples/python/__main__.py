import pulumi
import pulumi_fakevpc as fakevpc

config = pulumi.Config()

mesh = fakevpc.FakeVpc(
    "mesh",
    servers={
        name: {"address": server["address"], "host_key": server.get("hostKey")}
        for name, server in config.require_object("servers").items()
    },
    services={"postgres": {"server": "server1", "port": 5432}},
    ssh={"private_key": config.require_secret("sshKey")},
)

pulumi.export("servers", mesh.servers)
