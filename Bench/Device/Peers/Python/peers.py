"""The work of `bench peers` in PyTorch or NumPy, done when asked.

    python3 peers.py FOLDER torch|numpy cpu|cuda

The first line of standard output is {"found": …} or {"absent": why}. After `load` on standard input the arrays that bench
has written to FOLDER by then (.npy) are read, and {"version": …} says what computes. Then a line with the name of a piece of
work does it once and answers with its milliseconds, measured here, work on a device waited for; `answer` gives what the
last one computed, as a list of numbers.

Arrays are where they are computed on beforehand, as ours are. The exception is ours too: a selection that is given
features takes them, the rewards and the pairs from the host's memory, which costs nothing on the CPU.
"""
import json
import sys
import time


def say(what):
    print(json.dumps(what), flush=True)


def main(folder, library, device):
    try:
        if library == "torch":
            from in_torch import Torch as Peer
        else:
            from in_numpy import NumPy as Peer
        Peer.check(device)
    except ImportError as why:
        say({"absent": str(why)})
        return
    say({"found": library})
    if sys.stdin.readline().strip() != "load":
        return
    peer = Peer(folder, device)
    say({"version": f"{peer.version}, Python {sys.version.split()[0]}"})
    work, result = peer.work(), []
    for line in sys.stdin:
        name = line.strip()
        if name == "answer":
            say([float(x) for x in result.reshape(-1).tolist()])
            continue
        peer.wait()
        start = time.perf_counter()
        result = work[name]()
        peer.wait()
        say({"ms": round(1000 * (time.perf_counter() - start), 4)})


main(*sys.argv[1:])
