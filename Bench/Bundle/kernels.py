"""Times each kernel alone from its PTX, through the CUDA driver and nothing else: no .NET, NumPy or CuPy.

    python3 kernels.py FOLDER_OF_PTX RESULT.json

KERNEL.ptx is timed by the row KERNEL of the table below; so is a variant beside it, KERNEL.anything.ptx. Arguments are found by
the names that parameters have in the PTX. What has no row, or a parameter that nobody knows, is listed as not timed and why.
FISHER_DEVICE_SIZE=small makes everything so small that an interpreter runs it. Results are written after each kernel.
It times and does not check: that is what the tests and the report do. Data are in the caches, as in a chain of launches.
"""
import ctypes
import json
import os
import random
import re
import statistics
import struct
import sys

SMALL = os.environ.get("FISHER_DEVICE_SIZE") == "small"
R, D, d, n, k = (70, 40, 33, 100, 10) if SMALL else (5000, 2048, 64, 20000, 500)
WARM, SAMPLES, LAUNCHES = (1, 2, 1) if SMALL else (10, 20, 10)


def ceil(a, b):
    return -(-a // b)


def slices(rows, groups, numbers, least=4):
    """How a long sum in float64 is cut (GpuBackend.Slice): number of slices, rows of each."""
    most, blocks = max(1, min(1024 // groups, (1 << 26) // numbers)), ceil(rows, 32)
    each = max(least, ceil(blocks, most))
    return ceil(blocks, each), 32 * each


def float_slices(terms, blocks):
    """The same in float32 (FloatProduct.Slice): number of slices, terms of each."""
    panels = ceil(terms, 8)
    each = ceil(panels, 1 if panels <= 16 else max(1, min(1056 // blocks, panels // 8)))
    return ceil(panels, each), 8 * each


# What is passed by value, for every kernel that has a parameter of that name.
NUMBERS = {"rows": R, "responses": R, "d": d, "n": n, "k": k, "ridge": 1.0, "hasPast": 0, "hasBias": 1, "activation": 0, "count": n,
           "inputs": D, "outputs": d, "columns": D, "width": D + 1, "correction1": 1.1, "correction2": 1.1}

# What arrays hold: (type, length, content); f and d are float32 and float64, i and Q whole numbers of 4 and 8 bytes.
ARRAYS = {
    "pairs_n": ("i", 2 * n, "pairs"), "starts_R1": ("i", R + 1, "starts"), "incident_2n": ("i", 2 * n, "incident"), "rows_k": ("i", k, "rows"),
    "phi_Rd": ("f", R * d, "normal"), "r_R": ("f", R, "normal"), "v_n": ("f", n, "0.2"), "h_n": ("f", n, "1"), "g_n": ("f", n, "0"),
    "loss_n": ("f", n, "0"), "slope_n": ("f", n, "normal"), "dr_R": ("f", R, "0"), "laplacian_Rd": ("d", R * d, "normal"), "z_Rd": ("d", R * d, "normal"),
    "inverse_dd": ("d", d * d, "identity"), "fisher_dd": ("d", d * d, "identity"), "past_dd": ("d", d * d, "identity"),
    "word_1d": ("Q", 1 + d, "0"), "x_nI": ("f", R * D, "normal"), "theta_OI": ("f", d * D, "normal"),
    "bias_O": ("f", d, "normal"), "y_nO": ("f", R * d, "0"), "dy_nO": ("f", R * d, "normal"), "dx_nI": ("f", R * D, "0"),
    "dtheta_OI": ("f", d * D, "0"), "dbias_O": ("f", d, "0"), "x_nH": ("f", R * d, "normal"), "y_nH": ("f", R * d, "0"),
    "dy_nH": ("f", R * d, "normal"), "dx_nH": ("f", R * d, "0"), "theta_P": ("f", d * D, "normal"), "dtheta_P": ("f", d * D, "normal"),
    "m_P": ("f", d * D, "0"), "s_P": ("f", d * D, "1"), "from_RD": ("f", R * D, "normal"), "to_kD": ("f", k * D, "0"),
}


class Row:
    """How a kernel is launched: threads one by one (their number) or a grid of groups; bytes that have to move and operations."""

    def __init__(self, threads=0, grid=(), group=256, bytes=0, flops=0, **given):
        self.threads, self.group, self.bytes, self.flops, self.given = threads, group, bytes, flops, given
        self.grid = (grid + (1, 1, 1))[:3] if grid else (ceil(threads, group), 1, 1)


def product(rows, columns, terms, widths, bias=0, activates=0, sums=0, **arrays):
    """A dense layer's product (GpuBackend.Layers): blocks of 64 by 64, and the launch that adds its slices up.

    widths: of both operands' rows; sums: 1 where those of the bias are cut into slices as well.
    """
    down, across = ceil(rows, 64), ceil(columns, 64)
    many, each = float_slices(terms, down * across)
    wide = [int(width % 4 == 0) for width in (*widths, columns)]
    given = {
        "shape": struct.pack("12i", rows, columns, terms, each, many, *wide, bias, 1, activates, 0),
        "parts": ("f", 4 * many * down * (1024 * across + 16), "1", 4), **arrays,
    }
    moved, work = 4 * (rows * terms + columns * terms + rows * columns), 2 * rows * columns * terms
    return (Row(grid=(down, across, many), group=64, bytes=moved, flops=work, **given),
            Row(grid=(rows * ceil(columns, 32) + sums * ceil(rows, 32),), group=64, bytes=4 * many * rows * columns, **given))


def table():
    side, across = ceil(d, 32), ceil(R, 32)
    info, info_rows = slices(R, side * side, d * d, 2)
    every, every_rows = slices(R, across * ceil(d, 64), R * d)
    lanes = 1 if info < 16 else 8
    parts = ("d", info * d * d, "normal")
    layer, layer_sum = product(R, d, D, (D, D), 1, 1, a_nO=("f", R * d, "0"))
    back, _ = product(R, D, d, (d, D))
    weights, weights_sum = product(d, D, R, (d, D), 1, sums=1)
    matrix = lambda driver: struct.pack("qqqqdii", *driver.array("fisher_dd", ARRAYS["fisher_dd"]), *driver.array("past_dd", ARRAYS["past_dd"]), 1.0, 0, d)
    pairs = dict(grid=(ceil(n, 64),), group=64, flops=3 * n * d)
    return {
        "PairVariancesKernel": Row(n, bytes=20 * n),
        "LaplacianKernel": Row(R * d, bytes=16 * n + 12 * R * d, flops=6 * n * d),
        "InformationKernel": Row(grid=(side, side, info), group=64, bytes=12 * R * d, flops=2 * R * d * d, slice=info_rows, part_sdd=parts),
        "InformationSumKernel": Row(
            grid=(ceil(d * d, 256 // lanes),), bytes=8 * info * d * d, part_sn=parts, sum_n=("d", d * d, "0"), slices=info, numbers=d * d, lanes=lanes),
        "FactorKernel": Row(grid=(1,), group=512, bytes=16 * d * d, flops=2 * d ** 3 // 3, **{"from": matrix}),
        "FarFactorKernel": Row(grid=(1,), group=512, bytes=16 * d * d, flops=2 * d ** 3 // 3, a_T=("d", d * d + 64 * d, "0"), **{"from": matrix}),
        "WhitenKernel": Row(grid=(across, side), group=64, bytes=12 * R * d, flops=R * d * d),
        "LogDetGradientKernel": Row(bytes=16 * n + 8 * R * d, **pairs),
        "GreedyStartKernel": Row(bytes=20 * n + 8 * R * d, g_n=("d", n, "0"), **pairs),
        "TopSelectKernel": Row(grid=(1,), group=1024, bytes=4 * n, score_n=("f", n, "normal"), key_k=("Q", k, "0")),
        "LinearKernel": layer,
        "LinearTensorKernel": layer,
        "LinearSumKernel": layer_sum,
        "LinearInputGradientKernel": back,
        "LinearWeightGradientKernel": weights,
        "LinearWeightGradientTensorKernel": weights,
        "LinearWeightGradientSumKernel": weights_sum,
        "ActivateKernel": Row(R * d, bytes=8 * R * d),
        "ActivateBackwardKernel": Row(R * d, bytes=12 * R * d),
        "BradleyTerryLossKernel": Row(n, bytes=28 * n),
        "BradleyTerryGradientKernel": Row(R, bytes=40 * n),
        "AdamKernel": Row(d * D, bytes=28 * d * D, step=struct.pack("iff3f", 1, 1e-3, 0, 0.9, 0.999, 1e-8)),
        "GatherKernel": Row(k * D, bytes=8 * k * D),
        "AllPairsLaplacianKernel": Row(
            grid=(across, ceil(d, 64), every), group=64, bytes=8 * every * R * d, flops=2 * R * R * d, slice=every_rows,
            part_sRd=("d", every * R * d, "0")),
        "AllPairsGradientKernel": Row(
            grid=(across, across), group=64, bytes=2 * R * R, flops=3 * R * R * d // 2, first=0, end=R, g_n=("f", R * (R - 1) // 2, "0")),
    }


class Driver:
    """The few functions of the driver that are needed, each checked."""

    def __init__(self):
        self.cuda = ctypes.CDLL("libcuda.so.1")
        device, context, version = ctypes.c_int(), ctypes.c_void_p(), ctypes.c_int()
        self("cuInit", 0)
        self("cuDriverGetVersion", ctypes.byref(version))
        self("cuDeviceGet", ctypes.byref(device), 0)
        self("cuCtxCreate_v2", ctypes.byref(context), 0, device)
        name = ctypes.create_string_buffer(200)
        self("cuDeviceGetName", name, 200, device)
        self.name, self.version = name.value.decode(), version.value
        self.arrays = {}

    def __call__(self, function, *arguments):
        code = getattr(self.cuda, function)(*arguments)
        if code != 0:
            raise RuntimeError(f"{function} returned {code}")

    def array(self, name, kind):
        """Address and length in elements of an array that holds what is asked for; made once."""
        key = (name, kind)
        if key not in self.arrays:
            code, length, content, *together = kind
            data, address = filled(code, length, content), ctypes.c_void_p()
            self("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(len(data)))
            self("cuMemcpyAsync", address, ctypes.c_char_p(data), ctypes.c_size_t(len(data)), None)
            self("cuCtxSynchronize")
            # A pair is one element, and so are four floats that are read at a time.
            self.arrays[key] = address.value, length // (2 if content == "pairs" else together[0] if together else 1)
        return self.arrays[key]

    def function(self, ptx):
        module, function = ctypes.c_void_p(), ctypes.c_void_p()
        self("cuModuleLoadData", ctypes.byref(module), ctypes.c_char_p(ptx.encode() + b"\0"))
        entry = re.search(r"\.entry\s+(\w+)", ptx).group(1)
        self("cuModuleGetFunction", ctypes.byref(function), module, entry.encode())
        return function

    def attribute(self, function, number):
        """Of a loaded kernel; None where the driver (a stand-in) does not say."""
        value = ctypes.c_int()
        try:
            self("cuFuncGetAttribute", ctypes.byref(value), number, function)
        except AttributeError:
            return None
        return value.value

    def microseconds(self, launch):
        """Of one launch: samples of a number of launches in a row, between two events."""
        begin, end, elapsed = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_float()
        self("cuEventCreate", ctypes.byref(begin), 0)
        self("cuEventCreate", ctypes.byref(end), 0)
        for _ in range(WARM):
            launch()
        samples = []
        for _ in range(SAMPLES):
            self("cuEventRecord", begin, None)
            for _ in range(LAUNCHES):
                launch()
            self("cuEventRecord", end, None)
            self("cuEventSynchronize", end)
            self("cuEventElapsedTime", ctypes.byref(elapsed), begin, end)
            samples.append(1000 * elapsed.value / LAUNCHES)
        return samples

    def launcher(self, function, row, parameters):
        size = ctypes.c_size_t(len(parameters))
        extra = (ctypes.c_void_p * 5)(1, ctypes.cast(ctypes.c_char_p(parameters), ctypes.c_void_p), 2, ctypes.addressof(size), 0)
        launch = lambda: self("cuLaunchKernel", function, *row.grid, row.group, 1, 1, 0, None, None, extra)
        launch.kept = parameters, size
        return launch


def filled(code, length, content):
    draw = random.Random(1)
    if content in ("pairs", "starts", "incident"):
        return struct.pack(f"{length}{code}", *PAIRS[content])
    if content == "rows":
        return struct.pack(f"{length}{code}", *(draw.randrange(R) for _ in range(length)))
    if content == "identity":
        block = [9.0] + [0.0] * d  # 9 on the diagonal
    elif content == "normal":
        # A kernel's time does not hang on the numbers: a few thousand, again and again.
        block = [draw.gauss(0, 1) for _ in range(4099)]
    else:
        block = [float(content) if code in "fd" else int(content)]
    return (struct.pack(f"{len(block)}{code}", *block) * ceil(length, len(block)))[:length * struct.calcsize(code)]


def graph():
    """n pairs of R responses, and where each response is one of a pair, sorted by response."""
    draw = random.Random(2)
    pairs = []
    for _ in range(n):
        a = draw.randrange(R)
        pairs += [a, (a + 1 + draw.randrange(R - 1)) % R]
    order = sorted(range(2 * n), key=lambda place: pairs[place])
    starts, at = [], 0
    for response in range(R + 1):
        while at < 2 * n and pairs[order[at]] < response:
            at += 1
        starts.append(at)
    return {"pairs": pairs, "starts": starts, "incident": [place // 2 for place in order]}


def packed(driver, ptx, row):
    """The parameters as the PTX lays them out; LookupError where one is of unknown name or size."""
    data, head = b"", ptx[ptx.index(".entry"):]
    declared = re.findall(r"\.param\s+(?:\.align\s+(\d+)\s+)?\.(\w+)\s+(\w+)(?:\[(\d+)\])?", head[:head.index(")")])
    for place, (align, kind, name, size) in enumerate(declared):
        size, width = int(size or 1), int(re.sub(r"\D", "", kind)) // 8
        align, size, plain = int(align or width), size * width, re.sub(r"^_|_\d+$", "", name)
        data += b"\0" * (-len(data) % align)
        if place == 0 and row.threads and size == 4:
            value = struct.pack("i", row.threads)  # how many threads there are, before the kernel's own parameters
        elif isinstance(row.given.get(plain), bytes):
            value = row.given[plain]
        elif callable(row.given.get(plain)):
            value = row.given[plain](driver)
        elif size == 16 and (plain in row.given or plain in ARRAYS):
            value = struct.pack("qq", *driver.array(plain, row.given.get(plain, ARRAYS.get(plain))))
        elif plain in row.given or plain in NUMBERS:
            value = struct.pack({"b32": "i", "f32": "f", "b64": "q", "f64": "d"}[kind], row.given.get(plain, NUMBERS.get(plain)))
        else:
            raise LookupError(f"nobody knows its parameter {plain} of {size} bytes")
        if len(value) != size:
            raise LookupError(f"its parameter {plain} has {size} bytes, the table says {len(value)}")
        data += value
    return data


def time_one(driver, rows, path):
    name = os.path.basename(path)
    row = rows.get(name.split(".")[0])
    if row is None:
        return {"file": name, "not_timed": "it has no row in the table"}
    with open(path, encoding="ascii") as file:
        ptx = file.read()
    try:
        parameters = packed(driver, ptx, row)
    except LookupError as why:
        return {"file": name, "not_timed": str(why)}
    function = driver.function(ptx)
    samples = driver.microseconds(driver.launcher(function, row, parameters))
    us = statistics.median(samples)
    return {
        "file": name, "us": round(us, 3), "low": round(min(samples), 3), "grid": row.grid, "group": row.group,
        "registers": driver.attribute(function, 4), "shared": driver.attribute(function, 1), "local": driver.attribute(function, 3),
        "gb_per_s": round(row.bytes / us / 1000, 1) if us else None, "gflop_per_s": round(row.flops / us / 1000, 1) if us else None,
    }


def main(folder, result):
    driver, rows, found = Driver(), table(), []
    print(f"{driver.name}, driver {driver.version}; R {R}, D {D}, d {d}, n {n}", flush=True)
    for file in sorted(file for file in os.listdir(folder) if file.endswith(".ptx")):
        try:
            found.append(time_one(driver, rows, os.path.join(folder, file)))
        except RuntimeError as error:
            found.append({"file": file, "error": str(error)})
        print(found[-1], flush=True)
        with open(result + ".part", "w", encoding="ascii") as out:
            json.dump({"device": driver.name, "driver": driver.version, "sizes": {"R": R, "D": D, "d": d, "n": n, "k": k}, "kernels": found}, out, indent=1)
        os.replace(result + ".part", result)
    timed, failed = sum("us" in one for one in found), sum("error" in one for one in found)
    print(f"kernels: {timed} timed, {len(found) - timed - failed} not timed, {failed} failed", flush=True)
    return 0 if timed > 0 and failed == 0 else 1


PAIRS = graph()
if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
