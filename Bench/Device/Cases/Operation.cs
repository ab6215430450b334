using FisherKernels.Kernels;

namespace FisherKernels.Bench.Cases;

/// <summary>One operation of the seam with its inputs on the host.</summary>
public abstract record Operation
{
    /// <summary>The operation with its arrays on a backend, ready to be launched.</summary>
    public abstract Trial Prepare(Backend backend);
}

public sealed record Gather(Matrix<float> From_RD, int[] Rows_k) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        DeviceArray<float> from = trial.Input(From_RD, nameof(From_RD)), to = trial.Output(Rows_k.Length, From_RD.Columns);
        trial.Launch = () => backend.Gather(from, Rows_k, to);
        return trial;
    }
}

public sealed record Linear(Matrix<float> X_nI, Matrix<float> Theta_OI, Matrix<float>? Bias_O) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        DeviceArray<float> x = trial.Input(X_nI, nameof(X_nI)), theta = trial.Input(Theta_OI, nameof(Theta_OI));
        DeviceArray<float>? bias = Bias_O is null ? null : trial.Input(Bias_O, nameof(Bias_O));
        DeviceArray<float> y = trial.Output(X_nI.Rows, Theta_OI.Rows);
        trial.Launch = () => backend.Linear(x, theta, bias, y);
        return trial;
    }
}

/// <summary><paramref name="Keeps"/>: what goes into the activation is asked for as well, as in training.</summary>
public sealed record LinearActivate(
    Activation Activation, Matrix<float> X_nI, Matrix<float> Theta_OI, Matrix<float>? Bias_O, bool Keeps) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        DeviceArray<float> x = trial.Input(X_nI, nameof(X_nI)), theta = trial.Input(Theta_OI, nameof(Theta_OI));
        DeviceArray<float>? bias = Bias_O is null ? null : trial.Input(Bias_O, nameof(Bias_O));
        DeviceArray<float>? y = Keeps ? trial.Output(X_nI.Rows, Theta_OI.Rows) : null;
        DeviceArray<float> a = trial.Output(X_nI.Rows, Theta_OI.Rows);
        trial.Launch = () => backend.LinearActivate(Activation, x, theta, bias, y, a);
        return trial;
    }
}

/// <summary>The start values of the sums decide what is asked for: without <paramref name="DBias_O"/> no bias; <paramref name="WithDx"/>
/// false as in a first layer.</summary>
public sealed record LinearBackward(
    Matrix<float> X_nI, Matrix<float> Theta_OI, Matrix<float> DY_nO, Matrix<float> DTheta_OI, Matrix<float>? DBias_O, bool WithDx)
        : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        DeviceArray<float> x = trial.Input(X_nI, nameof(X_nI)), theta = trial.Input(Theta_OI, nameof(Theta_OI));
        DeviceArray<float> dy = trial.Input(DY_nO, nameof(DY_nO)), dtheta = trial.Changed(DTheta_OI);
        DeviceArray<float>? dbias = DBias_O is null ? null : trial.Changed(DBias_O);
        DeviceArray<float>? dx = WithDx ? trial.Output(X_nI.Rows, X_nI.Columns) : null;
        trial.Launch = () => backend.LinearBackward(x, theta, dy, dx, dtheta, dbias);
        return trial;
    }
}

public sealed record Activate(Activation Activation, Matrix<float> X_nH) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        DeviceArray<float> x = trial.Input(X_nH, nameof(X_nH)), y = trial.Output(X_nH.Rows, X_nH.Columns);
        trial.Launch = () => backend.Activate(Activation, x, y);
        return trial;
    }
}

/// <summary><paramref name="InPlace"/>: the result overwrites dy, as a training step does it.</summary>
public sealed record ActivateBackward(Activation Activation, Matrix<float> X_nH, Matrix<float> DY_nH, bool InPlace) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        DeviceArray<float> x = trial.Input(X_nH, nameof(X_nH));
        DeviceArray<float> dy = InPlace ? trial.Changed(DY_nH) : trial.Input(DY_nH, nameof(DY_nH));
        DeviceArray<float> dx = InPlace ? dy : trial.Output(X_nH.Rows, X_nH.Columns);
        trial.Launch = () => backend.ActivateBackward(Activation, x, dy, dx);
        return trial;
    }
}

public sealed record BradleyTerry(Pair[] Pairs, Matrix<float> R_R, Matrix<float> H_n) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        PairGraph graph = trial.Graph(Pairs, R_R.Rows);
        DeviceArray<float> r = trial.Input(R_R, nameof(R_R)), h = trial.Input(H_n, nameof(H_n));
        DeviceArray<float> loss = trial.Output(Pairs.Length), dr = trial.Output(R_R.Rows);
        trial.Launch = () => backend.BradleyTerry(graph, r, h, loss, dr);
        return trial;
    }
}

public sealed record Adam(Matrix<float> Theta_P, Matrix<float> DTheta_P, Matrix<float> M_P, Matrix<float> S_P, AdamStep Step) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        DeviceArray<float> dtheta = trial.Input(DTheta_P, nameof(DTheta_P));
        DeviceArray<float> theta = trial.Changed(Theta_P), m = trial.Changed(M_P), s = trial.Changed(S_P);
        trial.Launch = () => backend.Adam(theta, dtheta, m, s, Step);
        return trial;
    }
}

public sealed record PairVariances(Pair[] Pairs, Matrix<float> R_R) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        PairGraph graph = trial.Graph(Pairs, R_R.Rows);
        DeviceArray<float> r = trial.Input(R_R, nameof(R_R)), v = trial.Output(Pairs.Length);
        trial.Launch = () => backend.PairVariances(graph, r, v);
        return trial;
    }
}

public sealed record Information(Pair[] Pairs, Matrix<float> Phi_Rd, Matrix<float> V_n) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        PairGraph graph = trial.Graph(Pairs, Phi_Rd.Rows);
        DeviceArray<float> phi = trial.Input(Phi_Rd, nameof(Phi_Rd)), v = trial.Input(V_n, nameof(V_n));
        DeviceArray<double> fisher = trial.DoubleOutput(Phi_Rd.Columns, Phi_Rd.Columns);
        trial.Launch = () => backend.Information(graph, phi, v, fisher);
        return trial;
    }
}

public sealed record Whiten(Matrix<float> Phi_Rd, Matrix<double> Inverse_dd) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        DeviceArray<float> phi = trial.Input(Phi_Rd, nameof(Phi_Rd));
        DeviceArray<double> inverse = trial.Input(Inverse_dd, nameof(Inverse_dd));
        DeviceArray<double> z = trial.DoubleOutput(Phi_Rd.Rows, Phi_Rd.Columns);
        trial.Launch = () => backend.Whiten(phi, inverse, z);
        return trial;
    }
}

public sealed record LogDetGradient(Pair[] Pairs, Matrix<double> Z_Rd, Matrix<float> V_n) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        PairGraph graph = trial.Graph(Pairs, Z_Rd.Rows);
        DeviceArray<double> z = trial.Input(Z_Rd, nameof(Z_Rd));
        DeviceArray<float> v = trial.Input(V_n, nameof(V_n)), g = trial.Output(Pairs.Length);
        trial.Launch = () => backend.LogDetGradient(graph, z, v, g);
        return trial;
    }
}

public sealed record Top(Matrix<float> Score_n, int K) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        DeviceArray<float> score = trial.Input(Score_n, nameof(Score_n));
        int[] top = [];
        trial.Launch = () => top = backend.Top(score, K);
        trial.Returned(() => [.. top.Select(number => (double)number)]);
        return trial;
    }
}

/// <summary>I_past is [d, d], or null for none.</summary>
public sealed record Best(Pair[] Pairs, Matrix<float> Phi_Rd, Matrix<float> V_n, Matrix<double>? Past_dd, double Ridge, int K) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        PairGraph graph = trial.Graph(Pairs, Phi_Rd.Rows);
        DeviceArray<float> phi = trial.Input(Phi_Rd, nameof(Phi_Rd)), v = trial.Input(V_n, nameof(V_n)), g = trial.Output(Pairs.Length);
        DeviceArray<double>? past = Past_dd is null ? null : trial.Input(Past_dd, nameof(Past_dd));
        BestPairs? best = null;
        trial.Launch = () => best = backend.Best(graph, phi, v, past, Ridge, g, K);
        trial.Returned(() => [.. best!.Indices.Select(index => (double)index)]);
        trial.Returned(() => [.. best!.Scores.Select(score => (double)score)]);
        trial.Returned(() => best!.Precision.Precision.ToArray());
        return trial;
    }
}

/// <summary>M = <paramref name="Ridge"/>·1 before the first pair.</summary>
public sealed record Greedy(Pair[] Pairs, Matrix<float> Phi_Rd, Matrix<float> V_n, double Ridge, int Count, PairLimits? Limits) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        PairGraph graph = trial.Graph(Pairs, Phi_Rd.Rows);
        DeviceArray<float> phi = trial.Input(Phi_Rd, nameof(Phi_Rd)), v = trial.Input(V_n, nameof(V_n));
        var precision = new PrecisionMatrix(Phi_Rd.Columns, Ridge);
        var batch = new GreedyBatch([], []);
        trial.Launch = () => batch = backend.Greedy(graph, phi, v, precision, Count, Limits);
        trial.Returned(() => [.. batch.Indices.Select(number => (double)number)]);
        trial.Returned(() => batch.Gains);
        return trial;
    }
}

public sealed record AllPairsInformation(Matrix<float> Phi_Rd, Matrix<float> R_R) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        DeviceArray<float> phi = trial.Input(Phi_Rd, nameof(Phi_Rd)), r = trial.Input(R_R, nameof(R_R));
        DeviceArray<double> fisher = trial.DoubleOutput(Phi_Rd.Columns, Phi_Rd.Columns);
        trial.Launch = () => backend.AllPairsInformation(phi, r, fisher);
        return trial;
    }
}

public sealed record AllPairsTop(Matrix<double> Z_Rd, Matrix<float> R_R, int K) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        DeviceArray<double> z = trial.Input(Z_Rd, nameof(Z_Rd));
        DeviceArray<float> r = trial.Input(R_R, nameof(R_R));
        (Pair[] Pairs, float[] Scores) top = ([], []);
        trial.Launch = () => top = backend.AllPairsTop(z, r, K);
        trial.Returned(() => [.. top.Pairs.Select(pair => (double)pair.First)]);
        trial.Returned(() => [.. top.Pairs.Select(pair => (double)pair.Second)]);
        trial.Returned(() => [.. top.Scores.Select(score => (double)score)]);
        return trial;
    }
}

/// <summary>I_past is [d, d], or null for none.</summary>
public sealed record AllPairsBest(Matrix<float> Phi_Rd, Matrix<float> R_R, Matrix<double>? Past_dd, double Ridge, int K) : Operation
{
    public override Trial Prepare(Backend backend)
    {
        var trial = new Trial(backend);
        DeviceArray<float> phi = trial.Input(Phi_Rd, nameof(Phi_Rd)), r = trial.Input(R_R, nameof(R_R));
        DeviceArray<double>? past = Past_dd is null ? null : trial.Input(Past_dd, nameof(Past_dd));
        BestOfAllPairs? best = null;
        trial.Launch = () => best = backend.AllPairsBest(phi, r, past, Ridge, K);
        trial.Returned(() => [.. best!.Pairs.Select(pair => (double)pair.First)]);
        trial.Returned(() => [.. best!.Pairs.Select(pair => (double)pair.Second)]);
        trial.Returned(() => [.. best!.Scores.Select(score => (double)score)]);
        trial.Returned(() => best!.Precision.Precision.ToArray());
        return trial;
    }
}
