"""What Pulumi generates of the component's schema for Python comes down to this class."""

import os
import subprocess
import tempfile

import pulumi


class FakeVpc(pulumi.ComponentResource):
    servers: pulumi.Output[dict]
    graph: pulumi.Output[str]

    def __init__(self, name, args, opts=None):
        outputs = {"servers": None, "graph": None}
        super().__init__("fakevpc:index:FakeVpc", name, {**outputs, **args}, opts, True)


host_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH"


def private_key():
    """A key that is as a key is, for nobody."""
    with tempfile.TemporaryDirectory() as directory:
        file = os.path.join(directory, "key")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file], check=True)
        with open(file, encoding="ascii") as key:
            return key.read()


mesh = FakeVpc(
    "mesh",
    {
        "servers": {
            "server1": {"address": "203.0.113.1", "hostKey": host_key},
            "home": {"address": pulumi.Output.from_input("192.168.0.20"), "index": 200, "public": False, "hostKey": host_key},
        },
        "ssh": {"privateKey": pulumi.Output.secret(private_key())},
    },
)

pulumi.export("servers", mesh.servers)
