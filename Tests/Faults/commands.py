"""Small inputs, and what is run on them: each command with its outputs."""

import os
import random
import struct
import subprocess
from dataclasses import dataclass

# One thread, so that the calls come in one order; no profile, which saves a fifth of so short a process.
QUIET = {"DOTNET_TieredPGO": "0", "DOTNET_NOLOGO": "1", "FISHER_TRACE": "0", "NO_COLOR": "1"}
WHERE = ["--device", "cpu", "--threads", "1"]

# Each process has one second of work: one that takes a minute hangs.
PATIENCE = 60

# What depends on the clock, and is not compared.
TIMED = ("timings.csv", "seconds.jsonl")

PROMPTS, ANSWERS, WIDTH = 12, 3, 4


@dataclass
class Command:
    """What is typed, with OUT where the output goes."""

    name: str
    arguments: list
    # Names of what it writes into the folder of outputs. None: a folder of its own, which can be resumed.
    outputs: tuple | None
    # The same command otherwise, whose outputs are there before.
    earlier: list | None = None


class Fisher:
    """Runs the built command line."""

    def __init__(self, program):
        self.program = program

    def run(self, arguments, faults=None):
        """Exit code and what was said, or None where it did not end."""
        environment = {**os.environ, **QUIET, **(faults or {})}
        try:
            done = subprocess.run(
                ["dotnet", self.program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                timeout=PATIENCE, env=environment, check=False)
        except subprocess.TimeoutExpired:
            return None, f"no end after {PATIENCE} s"
        return done.returncode, done.stderr


def write_npy(path, kind, shape, numbers):
    """A .npy file of version 1.0."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    letter = {"<f4": "f", "<i8": "q"}[kind]
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(struct.pack(f"<{len(numbers)}{letter}", *numbers))


def make_inputs(folder):
    """A data set for run; embeddings, pairs, labels and features for the others."""
    draw = random.Random(1)
    direction = [draw.gauss(0, 1) for _ in range(WIDTH)]
    data = os.path.join(folder, "data")
    os.makedirs(data)
    for split in ("train", "test"):
        rows = [[draw.gauss(0, 1) for _ in range(WIDTH)] for _ in range(PROMPTS * ANSWERS)]
        rewards = [sum(x * w for x, w in zip(row, direction)) for row in rows]
        numbers = [x for row in rows for x in row]
        write_npy(f"{data}/embd_a_b_c_{split}.npy", "<f4", (PROMPTS, ANSWERS, WIDTH), numbers)
        write_npy(f"{data}/reward_a_b_c_{split}.npy", "<f4", (PROMPTS, ANSWERS, 1), rewards)

    pairs = [(prompt * ANSWERS + a, prompt * ANSWERS + b) for prompt in range(PROMPTS) for a, b in ((0, 1), (0, 2), (1, 2))]
    draw.shuffle(pairs)
    write_npy(f"{folder}/pairs.npy", "<i8", (len(pairs), 2), [row for pair in pairs for row in pair])
    write_npy(f"{folder}/labels.npy", "<f4", (len(pairs),), [float(rewards[a] > rewards[b]) for a, b in pairs])
    write_npy(f"{folder}/features.npy", "<f4", (len(rows), WIDTH), numbers)
    return data


def commands(folder, fisher, thorough):
    """run, train, select and score on the inputs of a folder."""
    data = make_inputs(folder)
    embeddings, model = f"{data}/embd_a_b_c_test.npy", f"{folder}/model.safetensors"
    compared = ["--pairs", f"{folder}/pairs.npy", "--labels", f"{folder}/labels.npy"]
    train = ["train", "--embeddings", embeddings, *compared, "--hidden", "8", "--steps", "5", *WHERE]
    code, said = fisher.run([*train, "--out", model])
    if code != 0:
        raise SystemExit(f"train ended with {code} on a disk without faults: {said}")

    strategies, rounds = ("random,padopt", "3") if thorough else ("padopt", "2")
    select = ["select", "--embeddings", embeddings, "--model", model, "--rule", "padopt", *WHERE]
    score = ["score", "--features", f"{folder}/features.npy", "--pairs", f"{folder}/pairs.npy", *WHERE]
    return [
        Command(
            "run", ["run", "--data", data, "--strategies", strategies, "--seeds", "1", "--rounds", rounds, "--batch", "5",
                    "--hidden", "8", "--steps", "5", *WHERE, "--out", "OUT"], None),
        Command(
            "train", [*train, "--seed", "1", "--out", "OUT/m.safetensors"], ("m.safetensors",),
            [*train, "--seed", "2", "--out", "OUT/m.safetensors"]),
        Command(
            "select", [*select, "--batch", "6", "--out", "OUT/s.npy"], ("s.npy", "s.jsonl"),
            [*select, "--batch", "4", "--out", "OUT/s.npy"]),
        Command(
            "score", [*score, "--rule", "xtx", "--out", "OUT/v.npy"], ("v.npy",),
            [*score, "--rule", "random", "--out", "OUT/v.npy"]),
    ]
