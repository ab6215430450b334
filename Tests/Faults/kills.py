"""A run killed at random moments, once or twice, and resumed: it says what a run says that nobody disturbed.

    python3 kills.py PROGRAM COUNT
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from commands import QUIET, Fisher, commands
from faults import compared, contents


def main(program, count):
    draw, kills, failed = random.Random(11), 0, 0
    with tempfile.TemporaryDirectory(prefix="fisher-kills-") as folder:
        fisher = Fisher(os.path.abspath(program))
        out = f"{folder}/out"
        run = [argument.replace("OUT", out) for argument in commands(folder, fisher, thorough=True)[0].arguments]
        begun = time.monotonic()
        code, said = fisher.run(run)
        if code != 0:
            raise SystemExit(f"run ended with {code} and nobody killed it: {said}")
        usual, good = time.monotonic() - begun, compared(contents(out))
        for number in range(count):
            shutil.rmtree(out)
            # Every third is killed once more while it resumes.
            for again in range(2 if number % 3 == 0 else 1):
                process = subprocess.Popen(
                    ["dotnet", fisher.program, *run, *(["--resume"] if again else [])], stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL, env={**os.environ, **QUIET})
                try:
                    process.wait(draw.uniform(0.15, 1) * usual)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    kills += 1
                process.wait()
            code, said = fisher.run([*run, "--resume"])
            if code != 0 or compared(contents(out)) != good:
                failed += 1
                print(f"failed: try {number}, --resume ended with {code}: {said.strip()[-300:]}", flush=True)
            os.makedirs(out, exist_ok=True)
    print(f"{kills} kills in {count} runs\n\nTest run summary: {'Failed' if failed else 'Passed'}!")
    print(f"  total: {count}\n  failed: {failed}\n  succeeded: {count - failed}\n  skipped: 0")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
