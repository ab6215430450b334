"""Each command on a disk that fails once, at each of its calls in turn: nothing is lost in silence, nothing is left half-written.

    python3 faults.py SHIM PROGRAM            what .ci/faults runs
    python3 faults.py SHIM PROGRAM all        more strategies and rounds, every failure resumed, a full disk from each call on
    python3 faults.py SHIM PROGRAM CASE…      these only, as they are named where they failed: run:kill:17

SHIM is shim.c as a library, PROGRAM the built command line. Ends with the counts that .ci/run reads.
"""

import json
import os
import shutil
import struct
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from commands import TIMED, Fisher, commands

# A name for each kind of fault: what the shim is told.
KINDS = {
    "error": {"FAULT_KIND": "error", "FAULT_ERROR": "EIO"},
    "full": {"FAULT_KIND": "from", "FAULT_ERROR": "ENOSPC"},
    "half": {"FAULT_KIND": "half"},
    "kill": {"FAULT_KIND": "kill"},
    "halfkill": {"FAULT_KIND": "halfkill"},
}
KILLS = ("kill", "halfkill")

# Whoever says 0 after one of these failed has promised what is not on the disk; there is no trying again.
PROMISES = ("fsync", "folder")


@dataclass
class Case:
    command: object
    kind: str
    number: int
    calls: list
    resumed: bool

    @property
    def name(self):
        return f"{self.command.name}:{self.kind}:{self.number}"

    @property
    def call(self):
        return self.calls[self.number - 1]

    def loses(self):
        """Whether the call that fails may cost what was written."""
        what, path = self.call
        if what != "close":
            return what in PROMISES
        before = [name for name, other in self.calls[:self.number - 1] if other == path and name in ("write", "ftruncate", "fsync")]
        return bool(before) and before[-1] != "fsync"


def contents(folder):
    """Every file below a folder, name and bytes."""
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = file.read()
    return found


def compared(files):
    return {name: held for name, held in files.items() if os.path.basename(name) not in TIMED and not name.endswith(".part")}


def is_whole(name, held):
    """Whether a file has its end."""
    if name.endswith(".safetensors"):
        length = struct.unpack("<Q", held[:8])[0]
        entries = json.loads(held[8:8 + length])
        return len(held) == 8 + length + max(entry["data_offsets"][1] for key, entry in entries.items() if key != "__metadata__")
    if name.endswith((".jsonl", ".json", ".csv")):
        return held == b"" or held.endswith(b"\n")
    return held != b""


class Tries:
    """What the commands do on a good disk, and what each case does otherwise."""

    def __init__(self, folder, shim, fisher):
        self.folder, self.shim, self.fisher = folder, shim, fisher
        self.good, self.old = {}, {}
        self.remains = 0

    def call(self, arguments, out, **faults):
        shim = {"LD_PRELOAD": self.shim, "FAULT_PATH": out, **faults} if faults else None
        return self.fisher.run([argument.replace("OUT", out) for argument in arguments], shim)

    def record(self, command):
        """Runs a command undisturbed; gives its calls, in order, as (name, path)."""
        out, log = f"{self.folder}/{command.name}", f"{self.folder}/{command.name}.log"
        if command.earlier:
            os.mkdir(out)
            self.expect(self.call(command.earlier, out), command)
            self.old[command.name] = contents(out)
        self.expect(self.call(command.arguments, out, FAULT_LOG=log), command)
        self.good[command.name] = contents(out)
        with open(log, encoding="utf-8") as lines:
            calls = [line.rstrip("\n").split(" ", 1) for line in lines]
        return [(name, path[len(out):]) for name, path in calls]

    @staticmethod
    def expect(outcome, command):
        if outcome[0] != 0:
            raise SystemExit(f"{command.name} ended with {outcome[0]} on a disk without faults: {outcome[1]}")

    def faults_of(self, case):
        """What is wrong with how a case went, a sentence each."""
        out = f"{self.folder}/{case.name.replace(':', '-')}"
        shutil.rmtree(out, ignore_errors=True)
        if case.command.earlier:
            os.mkdir(out)
            for name, held in self.old[case.command.name].items():
                with open(f"{out}/{name}", "wb") as file:
                    file.write(held)
        code, said = self.call(case.command.arguments, out, FAULT_CALL=str(case.number), **KINDS[case.kind])
        files = contents(out)
        wrong = [*self.of_exit(case, code, said, out, files), *self.of_files(case, code, files)]
        if case.resumed and code != 0:
            wrong += self.of_resuming(case, out)
        if wrong:
            wrong.append(f"exit code {code}; it said: {' / '.join(said.strip().splitlines()[-2:])[:400]}")
        shutil.rmtree(out, ignore_errors=True)
        return wrong

    def of_exit(self, case, code, said, out, files):
        if case.kind in KILLS:
            return [] if code == -9 else ["the call did not come a second time, so nothing was killed"]
        if code == 0:
            wrong = [] if compared(files) == compared(self.good[case.command.name]) else ["0, and what it wrote is not what it should be"]
            if case.kind != "half" and case.loses():
                wrong.append("0, though what it wrote may never reach the disk")
            return wrong
        if case.kind == "half":
            return ["half of a write is no error: the rest is to be written"]
        wrong = [] if code == 1 else ["a failing disk is exit code 1"]
        if "fault of the program" in said:
            wrong.append("a failing disk is no fault of the program")
        if out not in said:
            wrong.append("the sentence names no file")
        return wrong

    def of_files(self, case, code, files):
        wrong = []
        remains = [name for name in files if name.endswith(".part")]
        if remains and case.kind in KILLS:
            self.remains += len(remains)
        elif remains and case.kind == "error" and case.call[0] != "unlink":
            wrong.append(f"{', '.join(remains)} is left")
        good, old = self.good[case.command.name], self.old.get(case.command.name, {})
        for name, held in files.items():
            if name in remains:
                continue
            # The last line of a journal may be cut off by a kill, and is then taken away when it is opened.
            grows = case.command.earlier is None and name.endswith(".jsonl")
            if not is_whole(name, held) and not (grows and case.kind in KILLS):
                wrong.append(f"{name} is cut off")
            if os.path.basename(name) in TIMED:
                continue
            if case.command.earlier is not None:
                if held not in (old.get(name), good.get(name)):
                    wrong.append(f"{name} is neither what it was nor what it should become")
            elif name in good and not (good[name].startswith(held) if grows else held == good[name]):
                wrong.append(f"{name} is not what it should become")
        if case.command.outputs:
            wrong += self.of_pair(case, code, files)
        return wrong

    def of_pair(self, case, code, files):
        """Outputs that belong together are of one time. The second may be missing: it says nothing then."""
        good, old = self.good[case.command.name], self.old[case.command.name]
        first, *others = case.command.outputs
        if first not in files:
            return [f"{first} is gone"]
        wrong = []
        for name in others:
            if name in files:
                if (files[name] == good[name]) != (files[first] == good[first]):
                    wrong.append(f"{first} is {'new' if files[first] == good[first] else 'old'} and {name} is not")
            elif code == 1 and files[first] == old[first] and case.kind != "full":
                wrong.append(f"{name} is gone, though {first} is as it was")
        return wrong

    def of_resuming(self, case, out):
        code, said = self.call([*case.command.arguments, "--resume"], out)
        if code != 0:
            return [f"--resume ends with {code}: {said.strip().splitlines()[-1] if said.strip() else ''}"]
        files, good = compared(contents(out)), compared(self.good[case.command.name])
        other = sorted(name for name in files.keys() | good.keys() if files.get(name) != good.get(name))
        return [f"after --resume {', '.join(other)} differs from an undisturbed run"] if other else []


def cases_of(command, calls, thorough):
    """Every call fails, and kills; every write is cut in half; a few times the disk is full from there on."""
    resumable = command.earlier is None
    for number, (name, _) in enumerate(calls, 1):
        for kind in KINDS:
            if kind in ("half", "halfkill") and name != "write" or kind == "full" and not thorough and number % 5 != 0:
                continue
            # After an error the folder is much as after a kill at the same call: every third is resumed.
            yield Case(command, kind, number, calls, resumable and (thorough or kind in KILLS or number % 3 == 0))


def main(arguments):
    shim, program, *asked = arguments
    thorough, named = "all" in asked, [name for name in asked if name != "all"]
    began = time.monotonic()
    failed, counts = 0, Counter()
    with tempfile.TemporaryDirectory(prefix="fisher-faults-") as folder:
        fisher = Fisher(os.path.abspath(program))
        tries = Tries(folder, os.path.abspath(shim), fisher)
        cases = []
        for command in commands(folder, fisher, thorough):
            calls = tries.record(command)
            if not any(name == "fsync" for name, _ in calls):
                raise SystemExit(f"{command.name} was seen to bring nothing to the disk: the shim misses its calls")
            cases += cases_of(command, calls, thorough)
            print(f"{command.name}: {len(calls)} calls, {dict(Counter(name for name, _ in calls))}", flush=True)
        cases = [case for case in cases if not named or case.name in named]
        with ThreadPoolExecutor(2) as pool:
            for case, wrong in zip(cases, pool.map(tries.faults_of, cases)):
                counts[f"{case.command.name} {case.kind}"] += 1
                if wrong:
                    failed += 1
                    print(f"failed {case.name} ({' '.join(case.call)})", *wrong, sep="\n    ", flush=True)
    print(", ".join(f"{count} {name}" for name, count in counts.items()))
    print(f"{tries.remains} .part files of killed processes, {time.monotonic() - began:.0f} s")
    print(f"\nTest run summary: {'Failed' if failed else 'Passed'}!")
    for name, count in (("total", len(cases)), ("failed", failed), ("succeeded", len(cases) - failed), ("skipped", 0)):
        print(f"  {name}: {count}")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
