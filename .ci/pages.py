"""What the scripts share that run the blocks of Bash in the documents."""

import pathlib
import re
import socket
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(?:^<!-- (server|prints) -->\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END = "--- the block has ended:"


class Shell:
    """One Bash, so that what a block sets is there for the next."""

    def __init__(self, folder: str, environment: dict[str, str]):
        self.process = subprocess.Popen(
            ["bash", "-u", "-o", "pipefail"], cwd=folder, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )

    def run(self, code: str) -> tuple[int, str]:
        # The first that fails, fails the block, also where it is not its last; what stands before && is not seen.
        self.process.stdin.write(f"__failed=0; trap '__ended=$?; [ $__failed != 0 ] || __failed=$__ended' ERR\n{code}\ntrap - ERR; echo; echo '{END}' $__failed\n")
        self.process.stdin.flush()
        printed = ""
        for line in self.process.stdout:
            if line.startswith(END):
                return int(line.removeprefix(END)), printed
            printed += line
        raise AssertionError(f"the shell has ended: {printed}")


def free_address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def wait(address: str, log: pathlib.Path) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://{address}/health/ready", timeout=5).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"the server is not ready:\n{log.read_text()}")
