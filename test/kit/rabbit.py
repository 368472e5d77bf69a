# SPDX-License-Identifier: Apache-2.0
"""A private RabbitMQ, which may be killed and started again."""
import os
import pwd
import signal

from services import Programs, ServiceError, answers, free_port

__all__ = ["Rabbit", "ServiceError", "is_here"]
SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"


def is_here():
    return os.access(SERVER, os.X_OK)


class Rabbit:
    """In the network namespace that we are in; its messages outlive kill() and start()."""

    def __init__(self, address="127.0.0.1", port=None):
        self.programs, self.address = Programs("rabbit"), address
        self.port, self.epmd_port = port or free_port(address), free_port("127.0.0.1")
        self.dir = self.programs.folder / "broker"
        self.url = f"amqp://guest:guest@{address}:{self.port}/"
        self.user = pwd.getpwnam("rabbitmq") if os.geteuid() == 0 else None
        self.dir.mkdir()
        (self.dir / "enabled_plugins").write_text("[].\n", encoding="utf-8")
        (self.dir / "rabbitmq.conf").write_text("loopback_users = none\n", encoding="utf-8")
        if self.user:
            os.chown(self.dir, self.user.pw_uid, self.user.pw_gid)

    def env(self):
        return {"HOME": str(self.dir), "RUNNING_UNDER_SYSTEMD": "true", "ERL_EPMD_ADDRESS": "127.0.0.1",
                "ERL_EPMD_PORT": str(self.epmd_port), "RABBITMQ_CONF_ENV_FILE": "/dev/null", "RABBITMQ_LOGS": "-",
                "RABBITMQ_NODE_IP_ADDRESS": self.address, "RABBITMQ_NODE_PORT": str(self.port),
                "RABBITMQ_NODENAME": f"stackd{self.port}@localhost",
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                    "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none",
                "RABBITMQ_MNESIA_BASE": str(self.dir / "mnesia"), "RABBITMQ_LOG_BASE": str(self.dir / "log"),
                "RABBITMQ_PID_FILE": str(self.dir / "pid"), "RABBITMQ_CONFIG_FILE": str(self.dir / "rabbitmq"),
                "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.dir / "enabled_plugins")}

    def start(self):
        user = self.user.pw_name if self.user else None
        if "epmd" not in self.programs.running:  # Before the server, which else starts one that outlives it.
            self.programs.start("epmd", ["epmd", "-address", "127.0.0.1"], self.env(), user)
        self.programs.start("rabbitmq", [SERVER], self.env(), user)
        self.programs.ready("rabbitmq", lambda: answers(self.address, self.port))

    def kill(self):
        """With -9, as a crash would."""
        self.programs.stop("rabbitmq", signal.SIGKILL)

    def close(self):
        self.programs.__exit__()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc):
        self.close()

