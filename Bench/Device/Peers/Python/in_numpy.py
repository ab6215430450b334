"""The work of peers.py in NumPy (float32), as far as NumPy has what it takes: there is no training, and no autograd."""
import json
import os

import numpy

RIDGE, CENTRES, TRIALS = 1e-6, 10, 4


def blas():
    """File names of the linear algebra that is loaded, where the system tells."""
    try:
        with open("/proc/self/maps", encoding="utf-8") as maps:
            files = {os.path.basename(line.split()[-1]) for line in maps if "/" in line}
    except OSError:
        return ""
    names = sorted(name for name in files if any(word in name.lower() for word in ("blas", "mkl_core", "mkl_rt")))
    return f", {' '.join(names)}" if names else ""


class NumPy:
    @staticmethod
    def check(device):
        if device != "cpu":
            raise ImportError("NumPy computes on the CPU only")

    def __init__(self, folder, device):
        load = lambda name: numpy.load(os.path.join(folder, name + ".npy"))
        with open(os.path.join(folder, "sizes.json"), encoding="utf-8") as file:
            self.sizes = json.load(file)
        self.x, self.phi, self.r, self.p = load("embeddings"), load("features"), load("rewards"), load("probabilities")
        self.a, self.b = numpy.ascontiguousarray(load("pairs").T)
        self.weights = [load(f"weight{j}") for j in range(self.sizes["layers"] + 1)]
        self.biases = [load(f"bias{j}") for j in range(self.sizes["layers"])]
        self.eye = numpy.float32(RIDGE) * numpy.eye(self.phi.shape[1], dtype=numpy.float32)
        self.random = numpy.random.default_rng(3)
        numpy.linalg.inv(self.eye)  # loads what `blas` names
        self.version = f"NumPy {numpy.__version__}{blas()}, {os.cpu_count()} cores"

    def wait(self):
        pass

    def gelu(self, x):
        """x Φ(x); NumPy has no erf: Abramowitz and Stegun 7.1.26, within 1.5e-7, in place where it can."""
        f = numpy.float32
        y = numpy.abs(x)
        y *= f(0.5 ** 0.5)
        t = y * f(0.3275911)
        t += f(1)
        numpy.reciprocal(t, out=t)
        s = t * f(1.061405429)
        for c in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
            s += f(c)
            s *= t
        numpy.multiply(y, y, out=y)
        numpy.negative(y, out=y)
        numpy.exp(y, out=y)
        s *= y                  # 1 − erf(|x|/√2)
        s *= numpy.abs(x)
        numpy.maximum(x, f(0), out=x)
        s *= f(0.5)
        x -= s                  # x Φ(x) = max(x, 0) − |x| (1 − erf(|x|/√2))/2
        return x

    def forward(self):
        x = self.x
        for weight, bias in zip(self.weights, self.biases):
            x = x @ weight.T
            x += bias
            x = self.gelu(x)
        return x, (x @ self.weights[-1].T)[:, 0]

    def features(self):
        return self.forward()[0]

    def variances(self, x):
        numpy.abs(x, out=x)
        numpy.negative(x, out=x)
        numpy.exp(x, out=x)
        y = x + numpy.float32(1)
        y *= y
        x /= y
        return x

    def top(self, g, k):
        best = numpy.argpartition(g, len(g) - k)[-k:]
        return best[numpy.argsort(-g[best], kind="stable")]

    def closed(self, phi, r):
        v = self.variances(r[self.a] - r[self.b])
        delta = phi.take(self.a, 0)
        delta -= phi.take(self.b, 0)
        factor = numpy.linalg.cholesky((v[:, None] * delta).T @ delta + self.eye)
        z = delta @ numpy.linalg.inv(factor).T
        return self.top(v * numpy.einsum("ij,ij->i", z, z), self.sizes["batch"])

    def every(self):
        """As with PyTorch."""
        k = self.sizes["batch"]
        v = self.variances(numpy.subtract.outer(self.r, self.r))
        information = self.phi.T @ (v.sum(1)[:, None] * self.phi - v @ self.phi)
        z = self.phi @ numpy.linalg.inv(numpy.linalg.cholesky(information + self.eye)).T
        length2 = numpy.einsum("ij,ij->i", z, z)
        g = (numpy.float32(-2) * z) @ z.T
        g += length2[:, None]
        g += length2
        g *= v
        for row in range(len(g)):
            g[row, :row + 1] = 0
        flat, rows = g.ravel(), g.max(1)
        among = numpy.flatnonzero(flat >= numpy.partition(rows, len(rows) - k)[len(rows) - k])
        return among[self.top(flat[among], k)]

    def plogp(self, x):
        y = numpy.maximum(x, numpy.float32(1e-30))
        numpy.log(y, out=y)
        y *= x
        return y

    def batchbald(self):
        p, draws = self.p, self.p.shape[1]
        conditional = -(self.plogp(p) + self.plogp(1 - p)).mean(1)
        joint, told, chosen = numpy.ones((1, draws), numpy.float32), 0, []
        for _ in range(self.sizes["small"]):
            yes = (joint / numpy.float32(draws)) @ p.T
            no = joint.mean(1, keepdims=True) - yes
            score = -(self.plogp(yes).sum(0) + self.plogp(no).sum(0)) - conditional - told
            score[chosen] = -numpy.inf
            chosen.append(int(score.argmax()))
            one = p[chosen[-1]]
            joint, told = numpy.concatenate([joint * one, joint * (1 - one)]), told + conditional[chosen[-1]]
        return numpy.array(chosen)

    def coreset(self):
        k = CENTRES
        distances2 = lambda c: numpy.maximum(length2[:, None] + numpy.einsum("ij,ij->i", c, c) - 2 * (x @ c.T), 0)
        x = self.phi.take(self.a, 0)
        x -= self.phi.take(self.b, 0)
        length2 = numpy.einsum("ij,ij->i", x, x)
        centres = x[self.random.integers(len(x), size=1)]
        nearest = distances2(centres)[:, 0]
        for _ in range(1, k):
            cumulated = nearest.cumsum()
            drawn = numpy.minimum(numpy.searchsorted(cumulated, self.random.random(TRIALS) * cumulated[-1]), len(x) - 1)
            trial = numpy.minimum(distances2(x[drawn]), nearest[:, None])
            best = trial.sum(0).argmin()
            nearest, centres = trial[:, best], numpy.concatenate([centres, x[drawn[best]][None]])
        label = distances2(centres).argmin(1)
        member = (label == numpy.arange(k)[:, None]).astype(x.dtype)
        centres = (member @ x) / numpy.maximum(member.sum(1), 1)[:, None]
        distance = numpy.sqrt(distances2(centres))
        size = numpy.bincount(distance.argmin(1), minlength=k).astype(x.dtype)
        return len(x) / (1 + numpy.exp(-distance) @ size - numpy.exp(-distance.min(1)))

    def work(self):
        return {
            "features": self.features, "select-pairs": lambda: self.closed(self.phi, self.r),
            "end-pairs": lambda: self.closed(*self.forward()), "every": self.every, "batchbald": self.batchbald, "coreset": self.coreset}
