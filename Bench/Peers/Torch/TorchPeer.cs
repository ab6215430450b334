using FisherKernels.Kernels;
using FisherKernels.Learning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace FisherKernels.Bench.Peers.Torch;

/// <summary>The same work in libtorch (float32, all cores), each in the fastest of the formulations tried.</summary>
internal sealed class TorchPeer : IPeer
{
    private readonly PeerSize _size;
    private readonly Dictionary<string, Action> _work;
    private readonly Tensor _x, _a, _b, _phi, _r, _taughtA, _taughtB, _h, _p;
    private readonly Tensor[] _weights, _biases;
    private readonly (TorchSharp.Modules.Parameter[] Parameters, optim.Optimizer Adam) _once, _papers;
    private readonly Random _random = new(3);
    private Tensor? _answer;

    public TorchPeer(PeerData data)
    {
        _size = data.Size;
        _work = new()
        {
            ["features"] = Forward, ["select-pairs"] = () => Select(laplacian: false), ["select-responses"] = () => Select(laplacian: true),
            ["end-pairs"] = () => EndToEnd(laplacian: false), ["end-responses"] = () => EndToEnd(laplacian: true), ["paper"] = PapersRule,
            ["step"] = () => Step(distinct: true), ["step-paper"] = () =>
                Step(distinct: false), ["every"] = EveryPair, ["batchbald"] = BatchBald, ["coreset"] = Coreset,
        };
        set_num_threads(Environment.ProcessorCount);
        _x = tensor(data.Embeddings, [_size.Responses, _size.Dimension]);
        (_a, _b) = Split(data.Pairs);
        (_taughtA, _taughtB) = Split(data.Taught);
        _h = tensor(data.Preferences);
        _phi = tensor(data.Features, [_size.Responses, _size.Width]);
        _r = tensor(data.Rewards);
        _p = tensor([.. data.Probabilities.Select(p => (float)p)], [_size.Candidates, _size.Draws]);
        (_weights, _biases) = Layers(data.Model);
        (_once, _papers) = (Trained(), Trained());

        (TorchSharp.Modules.Parameter[] Parameters, optim.Optimizer Adam) Trained()
        {
            TorchSharp.Modules.Parameter[] own =
                [.. _weights.Concat(_biases).Select(tensor => new TorchSharp.Modules.Parameter(tensor.clone()))];
            return (own, optim.Adam(own, 1e-3));
        }
    }

    public string Name => "libtorch through TorchSharp";

    public string Version =>
        $"TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)}, libtorch {__version__}, {get_num_threads()} threads";

    public int? Process => null;

    public bool Has(string work) => _work.ContainsKey(work);

    public double Run(string work) => PairedTiming.Clocked(_work[work])();

    public double[] Answer()
    {
        using IDisposable scope = NewDisposeScope();
        return _answer!.to_type(ScalarType.Float64).view(-1).data<double>().ToArray();
    }

    private void Keep(Tensor answer)
    {
        _answer?.Dispose();
        _answer = answer.MoveToOuterDisposeScope();
    }

    private void Forward()
    {
        using IDisposable scope = NewDisposeScope(), quiet = no_grad();
        Keep(Forward(_x, _weights, _biases).Phi);
    }

    // Over the pairs' differences: v δδᵀ as one product, its factor, and the whitened differences. Over responses: ΛΦ by
    // scattering, and whitened responses.
    private void Select(bool laplacian)
    {
        using IDisposable scope = NewDisposeScope(), quiet = no_grad();
        Keep(Closed(_phi, _r, laplacian));
    }

    private void EndToEnd(bool laplacian)
    {
        using IDisposable scope = NewDisposeScope(), quiet = no_grad();
        (Tensor phi, Tensor r) = Forward(_x, _weights, _biases);
        Keep(Closed(phi, r, laplacian));
    }

    /// <summary>The rule as the paper has it: features of both sides of every pair, one d × d matrix a pair, and the gradient of
    /// log det by autograd.</summary>
    private void PapersRule()
    {
        using IDisposable scope = NewDisposeScope();
        Tensor delta, v;
        using (no_grad())
        {
            (Tensor phiA, Tensor rA) = Forward(_x.index_select(0, _a), _weights, _biases);
            (Tensor phiB, Tensor rB) = Forward(_x.index_select(0, _b), _weights, _biases);
            Tensor p = (rA - rB).sigmoid();
            (delta, v) = (phiA - phiB, p * (1 - p));
        }

        Tensor w = ones(_size.Candidates, requires_grad: true);
        Tensor each = (w * v).view(-1, 1, 1) * delta.unsqueeze(2) * delta.unsqueeze(1);
        Tensor m = each.sum([0]) + 1e-6 * eye(_size.Width);
        linalg.slogdet(m).Item2.backward();
        Keep(w.grad!.topk(_size.Batch).indexes);
    }

    /// <summary>All pairs: v as a dense matrix, its Laplacian times Φ, and the scores from one product of whitened responses; what
    /// is below the diagonal is left out.
    /// The least of the largest maxima of rows bounds the best from below, so few are sorted.</summary>
    private void EveryPair()
    {
        using IDisposable scope = NewDisposeScope(), quiet = no_grad();
        Tensor x = _r.unsqueeze(1) - _r.unsqueeze(0), v = x.sigmoid() * (-x).sigmoid();
        Tensor information = _phi.t().mm(v.sum(1).unsqueeze(1) * _phi - v.mm(_phi));
        Tensor z = linalg.solve_triangular(Factor(information), _phi.t(), upper: false).t(), length2 = (z * z).sum(1);
        Tensor g = v * (length2.unsqueeze(1) + length2.unsqueeze(0) - 2 * z.mm(z.t()));
        Tensor flat = g.triu_(1).view(-1);
        Tensor among = flat.ge(g.amax([1]).topk(_size.Batch).values.min()).nonzero().squeeze(1);
        Keep(among.index_select(0, flat.index_select(0, among).topk(_size.Batch).indexes));
    }

    /// <summary>Greedy on exact joint outcomes, all candidates at once; two outcomes a pair, so one product serves both.</summary>
    private void BatchBald()
    {
        using IDisposable scope = NewDisposeScope(), quiet = no_grad();
        Tensor conditional = Entropy(_p).mean([1]), joint = ones(1, _size.Draws), sumOfConditional = zeros(1);
        var chosen = new List<long>();
        for (int step = 0; step < _size.Small; step++)
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor yes = joint.mm(_p.t()) / _size.Draws, no = joint.mean([1], keepdim: true) - yes;
            Tensor entropy = -(yes * yes.clamp_min(1e-30).log() + no * no.clamp_min(1e-30).log()).sum([0]);
            Tensor score = entropy - conditional - sumOfConditional;
            foreach (long taken in chosen)
            {
                score[taken] = double.NegativeInfinity;
            }

            long next = score.argmax().item<long>();
            chosen.Add(next);
            Tensor p = _p[next].unsqueeze(0);
            joint = cat([joint * p, joint * (1 - p)]).MoveToOuterDisposeScope();
            sumOfConditional = (sumOfConditional + conditional[next]).MoveToOuterDisposeScope();
        }

        Keep(tensor(chosen.ToArray()));
    }

    /// <summary>k-means++ of ten centres with four trials each, one iteration, sensitivities.</summary>
    private void Coreset()
    {
        using IDisposable scope = NewDisposeScope(), quiet = no_grad();
        const int K = 10, Trials = 4;
        Tensor x = _phi.index_select(0, _a) - _phi.index_select(0, _b), length2 = (x * x).sum(1);
        Tensor centres = x.narrow(0, _random.Next(_size.Candidates), 1), nearest = Distances2(x, length2, centres).squeeze(1);
        for (int k = 1; k < K; k++)
        {
            Tensor cumulated = nearest.cumsum(0),
            drawn = searchsorted(cumulated, rand(Trials) * cumulated[-1]).clamp_max(_size.Candidates - 1);
            Tensor trial = minimum(Distances2(x, length2, x.index_select(0, drawn)), nearest.unsqueeze(1));
            Tensor best = trial.sum([0]).argmin();
            nearest = trial.index_select(1, best.view(1)).squeeze(1);
            centres = cat([centres, x.index_select(0, drawn.index_select(0, best.view(1)))]);
        }

        Tensor label = Distances2(x, length2, centres).argmin(1), size = zeros(K).index_add_(0, label, ones(_size.Candidates), 1);
        centres = zeros(K, _size.Width).index_add_(0, label, x, 1) / size.clamp_min(1).unsqueeze(1);
        Tensor distance2 = Distances2(x, length2, centres), distance = distance2.sqrt();
        label = distance2.argmin(1);
        size = zeros(K).index_add_(0, label, ones(_size.Candidates), 1);
        Tensor others = (size * (-distance).exp()).sum(1) - (-distance.gather(1, label.unsqueeze(1)).squeeze(1)).exp();
        Keep(_size.Candidates / (1 + others));
    }

    public void Dispose()
    {
        foreach (Tensor one in (Tensor[])[
            _x, _a, _b, _phi, _r, _taughtA, _taughtB, _h, _p, .. _weights, .. _biases, .. _once.Parameters, .. _papers.Parameters])
        {
            one.Dispose();
        }

        _answer?.Dispose();
        _once.Adam.Dispose();
        _papers.Adam.Dispose();
    }

    private static Tensor Distances2(Tensor x, Tensor length2, Tensor centres) =>
        (length2.unsqueeze(1) + (centres * centres).sum(1) - 2 * x.mm(centres.t())).clamp_min(0);

    private static Tensor Entropy(Tensor p) => -(p * p.clamp_min(1e-30).log() + (1 - p) * (1 - p).clamp_min(1e-30).log());

    private static (Tensor A, Tensor B) Split(Pair[] pairs) =>
        (tensor([.. pairs.Select(pair => (long)pair.First)]), tensor([.. pairs.Select(pair => (long)pair.Second)]));

    private static (Tensor Phi, Tensor R) Forward(Tensor x, Tensor[] weights, Tensor[] biases)
    {
        for (int layer = 0; layer < biases.Length; layer++)
        {
            x = nn.functional.gelu(nn.functional.linear(x, weights[layer], biases[layer]));
        }

        return (x, nn.functional.linear(x, weights[^1]).squeeze(1));
    }

    private static (Tensor[] Weights, Tensor[] Biases) Layers(BradleyTerryMlp model)
    {
        MlpShape shape = model.Shape;
        float[] theta = [.. model.Parameters];
        int layers = shape.Hidden.Count;
        return (
            [.. Enumerable.Range(0, layers + 1).Select(layer =>
                Take(shape.WeightStart(layer), shape.Outputs(layer) * shape.InputsOf(layer)).view(
                    shape.Outputs(layer), shape.InputsOf(layer)).clone())],
            [.. Enumerable.Range(0, layers).Select(layer => Take(shape.BiasStart(layer), shape.Outputs(layer)))]);

        Tensor Take(int start, int count) => tensor(theta[start..(start + count)]);
    }

    private Tensor Closed(Tensor phi, Tensor r, bool laplacian)
    {
        Tensor x = r.index_select(0, _a) - r.index_select(0, _b), v = x.sigmoid() * (-x).sigmoid();
        Tensor g;
        if (laplacian)
        {
            Tensor flow = v.unsqueeze(1) * (phi.index_select(0, _a) - phi.index_select(0, _b));
            Tensor weighted = zeros_like(phi).index_add_(0, _a, flow, 1).index_add_(0, _b, flow, -1);
            Tensor z = linalg.solve_triangular(Factor(phi.t().mm(weighted)), phi.t(), upper: false).t();
            g = v * (z.index_select(0, _a) - z.index_select(0, _b)).square().sum(1);
        }
        else
        {
            Tensor delta = phi.index_select(0, _a) - phi.index_select(0, _b);
            Tensor factor = Factor((v.unsqueeze(1) * delta).t().mm(delta));
            g = v * delta.mm(linalg.inv(factor).t()).square().sum(1);
        }

        return g.topk(_size.Batch).indexes;
    }

    private Tensor Factor(Tensor information) => linalg.cholesky(information + 1e-6 * eye(_size.Width));

    private void Step(bool distinct)
    {
        using IDisposable scope = NewDisposeScope();
        (TorchSharp.Modules.Parameter[] trained, optim.Optimizer adam) = distinct ? _once : _papers;
        Tensor[] weights = [.. trained[.._weights.Length]], biases = [.. trained[_weights.Length..]];
        Tensor x;
        if (distinct)
        {
            (Tensor _, Tensor r) = Forward(_x, weights, biases);
            x = r.index_select(0, _taughtA) - r.index_select(0, _taughtB);
        }
        else
        {
            (Tensor _, Tensor rA) = Forward(_x.index_select(0, _taughtA), weights, biases);
            (Tensor _, Tensor rB) = Forward(_x.index_select(0, _taughtB), weights, biases);
            x = rA - rB;
        }

        Tensor loss = nn.functional.binary_cross_entropy_with_logits(x, _h);
        adam.zero_grad();
        loss.backward();
        adam.step();
        Keep(loss.detach());
    }
}
