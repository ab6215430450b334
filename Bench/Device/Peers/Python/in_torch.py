"""The work of peers.py in PyTorch (float32), each piece in the fastest of the formulations tried."""
import json
import os

import numpy
import torch

RIDGE, CENTRES, TRIALS = 1e-6, 10, 4


class Torch:
    @staticmethod
    def check(device):
        if device == "cuda" and not torch.cuda.is_available():
            raise ImportError("this PyTorch finds no CUDA device")

    def __init__(self, folder, device):
        self.device = device
        torch.set_num_threads(os.cpu_count())
        host = lambda name: torch.from_numpy(numpy.load(os.path.join(folder, name + ".npy")))
        here = lambda name: host(name).to(device)
        with open(os.path.join(folder, "sizes.json"), encoding="utf-8") as file:
            self.sizes = json.load(file)
        self.x, self.h, self.p = here("embeddings"), here("preferences"), here("probabilities")
        self.phi_host, self.r_host, self.pairs_host = host("features"), host("rewards"), host("pairs").t().contiguous()
        self.phi, self.r = self.phi_host.to(device), self.r_host.to(device)
        self.a, self.b = self.pairs_host.to(device)
        self.taught_a, self.taught_b = here("taught").t().contiguous()
        self.weights = [here(f"weight{j}") for j in range(self.sizes["layers"] + 1)]
        self.biases = [here(f"bias{j}") for j in range(self.sizes["layers"])]
        self.eye = RIDGE * torch.eye(self.phi.shape[1], device=device)
        self.models = {"step": self.model(), "step-paper": self.model()}
        where = torch.cuda.get_device_name() if device == "cuda" else f"{torch.get_num_threads()} threads"
        self.version = f"PyTorch {torch.__version__}, {where}"

    def model(self):
        parameters = [one.clone().requires_grad_() for one in self.weights + self.biases]
        try:
            adam = torch.optim.Adam(parameters, 1e-3, fused=True)
        except (RuntimeError, TypeError):  # before 2.4, none on the CPU
            adam = torch.optim.Adam(parameters, 1e-3)
        return parameters[:len(self.weights)], parameters[len(self.weights):], adam

    def wait(self):
        if self.device == "cuda":
            torch.cuda.synchronize()

    def forward(self, x, weights, biases):
        f = torch.nn.functional
        for weight, bias in zip(weights, biases):
            x = f.gelu(f.linear(x, weight, bias))
        return x, f.linear(x, weights[-1]).squeeze(1)

    def features(self):
        with torch.inference_mode():
            return self.forward(self.x, self.weights, self.biases)[0]

    def closed(self, phi, r, a, b, by_responses):
        x = r.index_select(0, a) - r.index_select(0, b)
        v = x.sigmoid() * (-x).sigmoid()
        delta = phi.index_select(0, a) - phi.index_select(0, b)
        weighted = v.unsqueeze(1) * delta
        if by_responses:
            flow = torch.zeros_like(phi).index_add_(0, a, weighted).index_add_(0, b, weighted, alpha=-1)
            z = torch.linalg.solve_triangular(self.factor(phi.t() @ flow), phi.t(), upper=False).t()
            g = v * (z.index_select(0, a) - z.index_select(0, b)).square().sum(1)
        else:
            factor = self.factor(weighted.t() @ delta)
            g = v * (delta @ torch.linalg.inv(factor).t()).square().sum(1)
        return g.topk(self.sizes["batch"]).indices.cpu()

    def factor(self, information):
        return torch.linalg.cholesky(information + self.eye)

    def select(self, by_responses):
        with torch.inference_mode():
            a, b = self.pairs_host.to(self.device)
            return self.closed(self.phi_host.to(self.device), self.r_host.to(self.device), a, b, by_responses)

    def end(self, by_responses):
        with torch.inference_mode():
            return self.closed(*self.forward(self.x, self.weights, self.biases), self.a, self.b, by_responses)

    def paper(self):
        """Both sides of every pair, one d × d matrix a pair, the gradient of log det by autograd."""
        with torch.no_grad():
            phi_a, r_a = self.forward(self.x.index_select(0, self.a), self.weights, self.biases)
            phi_b, r_b = self.forward(self.x.index_select(0, self.b), self.weights, self.biases)
            p = (r_a - r_b).sigmoid()
            delta, v = phi_a - phi_b, p * (1 - p)
        w = torch.ones(len(v), device=self.device, requires_grad=True)
        each = (w * v).view(-1, 1, 1) * delta.unsqueeze(2) * delta.unsqueeze(1)
        torch.linalg.slogdet(each.sum(0) + self.eye)[1].backward()
        return w.grad.topk(self.sizes["batch"]).indices.cpu()

    def step(self, name, distinct):
        weights, biases, adam = self.models[name]
        if distinct:
            r = self.forward(self.x, weights, biases)[1]
            x = r.index_select(0, self.taught_a) - r.index_select(0, self.taught_b)
        else:
            x = (self.forward(self.x.index_select(0, self.taught_a), weights, biases)[1]
                 - self.forward(self.x.index_select(0, self.taught_b), weights, biases)[1])
        loss = torch.nn.functional.binary_cross_entropy_with_logits(x, self.h)
        adam.zero_grad()
        loss.backward()
        adam.step()
        return loss.detach().view(1)

    def every(self):
        """All pairs as dense matrices. The least of the largest maxima of rows bounds the best from below, so few are sorted."""
        k = self.sizes["batch"]
        with torch.inference_mode():
            x = self.r.unsqueeze(1) - self.r.unsqueeze(0)
            v = x.sigmoid() * (-x).sigmoid()
            information = self.phi.t() @ (v.sum(1).unsqueeze(1) * self.phi - v @ self.phi)
            z = torch.linalg.solve_triangular(self.factor(information), self.phi.t(), upper=False).t()
            length2 = z.square().sum(1)
            g = (length2.unsqueeze(1) + length2.unsqueeze(0)).addmm_(z, z.t(), alpha=-2).mul_(v).triu_(1)
            flat, rows = g.view(-1), g.amax(1)
            among = (flat >= rows.topk(k).values[-1]).nonzero().squeeze(1)
            return among[flat[among].topk(k).indices].cpu()

    def batchbald(self):
        p, draws = self.p, self.p.shape[1]
        plogp = lambda x: x.clamp_min(1e-30).log_().mul_(x)
        with torch.inference_mode():
            conditional = -plogp(p).add_(plogp(1 - p)).mean(1)
            joint, told, chosen = torch.ones(1, draws, device=self.device), 0, []
            for _ in range(self.sizes["small"]):
                yes = (joint / draws) @ p.t()
                no = joint.mean(1, keepdim=True) - yes
                score = -plogp(yes).add_(plogp(no)).sum(0) - conditional - told
                score[chosen] = -torch.inf
                chosen.append(int(score.argmax()))
                one = p[chosen[-1]].unsqueeze(0)
                joint, told = torch.cat([joint * one, joint * (1 - one)]), told + conditional[chosen[-1]]
            return torch.tensor(chosen)

    def coreset(self):
        k = CENTRES
        distances2 = lambda c: (length2.unsqueeze(1) + c.square().sum(1) - 2 * (x @ c.t())).clamp_min(0)
        with torch.inference_mode():
            x = self.phi.index_select(0, self.a) - self.phi.index_select(0, self.b)
            n, length2 = len(x), x.square().sum(1)
            centres = x[torch.randint(n, (1,), device=self.device)]
            nearest = distances2(centres).squeeze(1)
            for _ in range(1, k):
                cumulated = nearest.cumsum(0)
                drawn = torch.searchsorted(cumulated, torch.rand(TRIALS, device=self.device) * cumulated[-1]).clamp_max(n - 1)
                trial = torch.minimum(distances2(x.index_select(0, drawn)), nearest.unsqueeze(1))
                best = trial.sum(0).argmin().view(1)
                nearest, centres = trial[:, best].squeeze(1), torch.cat([centres, x.index_select(0, drawn[best])])
            label = distances2(centres).argmin(1)
            size = torch.bincount(label, minlength=k)
            centres = torch.zeros_like(centres).index_add_(0, label, x) / size.clamp_min(1).unsqueeze(1)
            distance = distances2(centres).sqrt()
            own, label = distance.min(1)
            size = torch.bincount(label, minlength=k).to(x.dtype)
            return n / (1 + (-distance).exp() @ size - (-own).exp())

    def work(self):
        return {
            "features": self.features, "select-pairs": lambda: self.select(False), "select-responses": lambda: self.select(True),
            "end-pairs": lambda: self.end(False), "end-responses": lambda: self.end(True), "paper": self.paper,
            "step": lambda: self.step("step", True), "step-paper": lambda: self.step("step-paper", False),
            "every": self.every, "batchbald": self.batchbald, "coreset": self.coreset}
