namespace FisherKernels.Kernels;

// The reward model: MATH.md §1.
public abstract partial class Backend
{
    /// <summary>Copies rows: to[j] = from[rows[j]].</summary>
    /// <param name="from_RD">[R, D].</param>
    /// <param name="rows_k">k row numbers in [0, R), repeats allowed.</param>
    /// <param name="to_kD">[k, D], out.</param>
    /// <exception cref="ArgumentException">A row number out of range, or a shape that does not fit.</exception>
    public void Gather(DeviceArray<float> from_RD, ReadOnlySpan<int> rows_k, DeviceArray<float> to_kD)
    {
        RequireOwned(from_RD);
        Require(to_kD, rows_k.Length, from_RD.Columns);
        for (int j = 0; j < rows_k.Length; j++)
        {
            if ((uint)rows_k[j] >= (uint)from_RD.Rows)
            {
                throw new ArgumentException(
                    $"rows_k[{j}] is {rows_k[j]}; rows run from 0 to {from_RD.Rows - 1}.", nameof(rows_k));
            }
        }

        if (to_kD.Length > 0)
        {
            GatherCore(from_RD, rows_k, to_kD);
        }
    }

    /// <summary>A dense layer: y = x θᵀ + bias.</summary>
    /// <param name="x_nI">[n, I].</param>
    /// <param name="theta_OI">[O, I], one row per output.</param>
    /// <param name="bias_O">[O], or null for none.</param>
    /// <param name="y_nO">[n, O], out.</param>
    public void Linear(DeviceArray<float> x_nI, DeviceArray<float> theta_OI, DeviceArray<float>? bias_O, DeviceArray<float> y_nO)
    {
        RequireLayer(x_nI, theta_OI, bias_O);
        Require(y_nO, x_nI.Rows, theta_OI.Rows);
        if (y_nO.Length > 0)
        {
            LinearCore(x_nI, theta_OI, bias_O, y_nO);
        }
    }

    /// <summary>A hidden layer: y = x θᵀ + bias, a = activation(y).</summary>
    /// <param name="activation">Which one.</param>
    /// <param name="x_nI">[n, I].</param>
    /// <param name="theta_OI">[O, I], one row per output.</param>
    /// <param name="bias_O">[O], or null for none.</param>
    /// <param name="y_nO">[n, O], out; null where nobody asks for it (only training does, for <see cref="ActivateBackward"/>).</param>
    /// <param name="a_nO">[n, O], out; another array than <paramref name="y_nO"/>.</param>
    public void LinearActivate(
        Activation activation,
        DeviceArray<float> x_nI,
        DeviceArray<float> theta_OI,
        DeviceArray<float>? bias_O,
        DeviceArray<float>? y_nO,
        DeviceArray<float> a_nO)
    {
        RequireKnown(activation);
        RequireLayer(x_nI, theta_OI, bias_O);
        Require(a_nO, x_nI.Rows, theta_OI.Rows);
        if (y_nO is not null)
        {
            Require(y_nO, x_nI.Rows, theta_OI.Rows);
        }

        if (a_nO.Length > 0)
        {
            LinearActivateCore(activation, x_nI, theta_OI, bias_O, y_nO, a_nO);
        }
    }

    /// <summary>Backward through a dense layer: dx = dy θ; dθ += dyᵀ x; dbias += Σ dy over the rows.</summary>
    /// <remarks>The parameters' gradients are added to what is there, so that a batch can be worked through in parts.</remarks>
    /// <param name="x_nI">[n, I], the layer's input.</param>
    /// <param name="theta_OI">[O, I].</param>
    /// <param name="dy_nO">[n, O].</param>
    /// <param name="dx_nI">[n, I], out, overwritten; null where nobody asks for it (the first layer).</param>
    /// <param name="dtheta_OI">[O, I], added to.</param>
    /// <param name="dbias_O">[O], added to; null for a layer without bias.</param>
    public void LinearBackward(
        DeviceArray<float> x_nI,
        DeviceArray<float> theta_OI,
        DeviceArray<float> dy_nO,
        DeviceArray<float>? dx_nI,
        DeviceArray<float> dtheta_OI,
        DeviceArray<float>? dbias_O)
    {
        RequireOwned(x_nI);
        RequireOwned(theta_OI);
        Require(theta_OI, theta_OI.Rows, x_nI.Columns);
        Require(dy_nO, x_nI.Rows, theta_OI.Rows);
        Require(dtheta_OI, theta_OI.Rows, theta_OI.Columns);
        if (dx_nI is not null)
        {
            Require(dx_nI, x_nI.Rows, x_nI.Columns);
        }

        if (dbias_O is not null)
        {
            Require(dbias_O, theta_OI.Rows);
        }

        if (theta_OI.Rows == 0)
        {
            dx_nI?.Clear();
        }
        else if (x_nI.Rows > 0)
        {
            LinearBackwardCore(x_nI, theta_OI, dy_nO, dx_nI, dtheta_OI, dbias_O);
        }
    }

    /// <summary>y = activation(x), number by number.</summary>
    public void Activate(Activation activation, DeviceArray<float> x_nH, DeviceArray<float> y_nH)
    {
        RequireKnown(activation);
        RequireOwned(x_nH);
        Require(y_nH, x_nH.Rows, x_nH.Columns);
        if (x_nH.Length > 0)
        {
            ActivateCore(activation, x_nH, y_nH);
        }
    }

    /// <summary>dx = dy · activation′(x), number by number; <paramref name="dx_nH"/> may be <paramref name="dy_nH"/> itself.</summary>
    /// <param name="activation">Which one.</param>
    /// <param name="x_nH">[n, H], what went into the activation.</param>
    /// <param name="dy_nH">[n, H].</param>
    /// <param name="dx_nH">[n, H], out.</param>
    public void ActivateBackward(
        Activation activation, DeviceArray<float> x_nH, DeviceArray<float> dy_nH, DeviceArray<float> dx_nH)
    {
        RequireKnown(activation);
        RequireOwned(x_nH);
        Require(dy_nH, x_nH.Rows, x_nH.Columns);
        Require(dx_nH, x_nH.Rows, x_nH.Columns);
        if (x_nH.Length > 0)
        {
            ActivateBackwardCore(activation, x_nH, dy_nH, dx_nH);
        }
    }

    /// <summary>Bradley–Terry loss of every pair, and the gradient of their mean in the rewards (MATH.md §1).</summary>
    /// <remarks>Worked from the logit x = r[a] − r[b], so a confident mistake keeps its gradient: softplus and σ(x) − h never
    /// saturate early.</remarks>
    /// <param name="graph">n pairs over R responses.</param>
    /// <param name="r_R">[R], rewards.</param>
    /// <param name="h_n">[n], in [0, 1]: 1 where the first response won; soft labels allowed.</param>
    /// <param name="loss_n">[n], out: (1 − h)·softplus(x) + h·softplus(−x).</param>
    /// <param name="dr_R">[R], out: (1/n) Σ ±(σ(x) − h) over the response's pairs, + where it stands first.</param>
    public void BradleyTerry(
        PairGraph graph, DeviceArray<float> r_R, DeviceArray<float> h_n, DeviceArray<float> loss_n, DeviceArray<float> dr_R)
    {
        RequireOwned(graph);
        Require(r_R, graph.Responses);
        Require(h_n, graph.Count);
        Require(loss_n, graph.Count);
        Require(dr_R, graph.Responses);
        if (graph.Count == 0)
        {
            dr_R.Clear();
            return;
        }

        BradleyTerryCore(graph, r_R, h_n, loss_n, dr_R);
    }

    /// <summary>One step of Adam on P parameters, in place.</summary>
    /// <remarks>
    /// <code>
    /// m ← β₁m + (1 − β₁)dθ      s ← β₂s + (1 − β₂)dθ²
    /// θ ← θ − lr·decay·θ − lr · m/(1 − β₁ᵗ) / (√(s/(1 − β₂ᵗ)) + ε)
    /// </code>
    /// </remarks>
    /// <param name="theta_P">[P], parameters.</param>
    /// <param name="dtheta_P">[P], their gradient.</param>
    /// <param name="m_P">[P], first moment, zeros before the first step.</param>
    /// <param name="s_P">[P], second moment, zeros before the first step.</param>
    /// <param name="step">Constants, and the number of the step, from 1.</param>
    public void Adam(
        DeviceArray<float> theta_P, DeviceArray<float> dtheta_P, DeviceArray<float> m_P, DeviceArray<float> s_P, AdamStep step)
    {
        RequireOwned(theta_P);
        Require(dtheta_P, theta_P.Rows, theta_P.Columns);
        Require(m_P, theta_P.Rows, theta_P.Columns);
        Require(s_P, theta_P.Rows, theta_P.Columns);
        if (step.Step < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(step), step.Step, "Steps are counted from 1.");
        }

        if (theta_P.Length > 0)
        {
            AdamCore(theta_P, dtheta_P, m_P, s_P, step);
        }
    }

    /// <summary>The work of <see cref="Gather"/>, of arguments that are checked and not empty.</summary>
    protected abstract void GatherCore(DeviceArray<float> from_RD, ReadOnlySpan<int> rows_k, DeviceArray<float> to_kD);

    /// <summary>The work of <see cref="Linear"/>, of arguments that are checked and not empty.</summary>
    protected abstract void LinearCore(
        DeviceArray<float> x_nI, DeviceArray<float> theta_OI, DeviceArray<float>? bias_O, DeviceArray<float> y_nO);

    /// <summary>The work of <see cref="LinearActivate"/>, of arguments that are checked and not empty.</summary>
    // Where a device has nothing better: one after the other.
    protected virtual void LinearActivateCore(
        Activation activation,
        DeviceArray<float> x_nI,
        DeviceArray<float> theta_OI,
        DeviceArray<float>? bias_O,
        DeviceArray<float>? y_nO,
        DeviceArray<float> a_nO)
    {
        LinearCore(x_nI, theta_OI, bias_O, y_nO ?? a_nO);
        ActivateCore(activation, y_nO ?? a_nO, a_nO);
    }

    /// <summary>The work of <see cref="LinearBackward"/>, of arguments that are checked and not empty.</summary>
    protected abstract void LinearBackwardCore(
        DeviceArray<float> x_nI,
        DeviceArray<float> theta_OI,
        DeviceArray<float> dy_nO,
        DeviceArray<float>? dx_nI,
        DeviceArray<float> dtheta_OI,
        DeviceArray<float>? dbias_O);

    /// <summary>The work of <see cref="Activate"/>, of arguments that are checked and not empty.</summary>
    protected abstract void ActivateCore(Activation activation, DeviceArray<float> x_nH, DeviceArray<float> y_nH);

    /// <summary>The work of <see cref="ActivateBackward"/>, of arguments that are checked and not empty.</summary>
    protected abstract void ActivateBackwardCore(
        Activation activation, DeviceArray<float> x_nH, DeviceArray<float> dy_nH, DeviceArray<float> dx_nH);

    /// <summary>The work of <see cref="BradleyTerry"/>, of arguments that are checked and not empty.</summary>
    protected abstract void BradleyTerryCore(
        PairGraph graph, DeviceArray<float> r_R, DeviceArray<float> h_n, DeviceArray<float> loss_n, DeviceArray<float> dr_R);

    /// <summary>The work of <see cref="Adam"/>, of arguments that are checked and not empty.</summary>
    protected abstract void AdamCore(
        DeviceArray<float> theta_P, DeviceArray<float> dtheta_P, DeviceArray<float> m_P, DeviceArray<float> s_P, AdamStep step);

    private void RequireLayer(DeviceArray<float> x_nI, DeviceArray<float> theta_OI, DeviceArray<float>? bias_O)
    {
        RequireOwned(x_nI);
        RequireOwned(theta_OI);
        Require(theta_OI, theta_OI.Rows, x_nI.Columns);
        if (bias_O is not null)
        {
            Require(bias_O, theta_OI.Rows);
        }
    }

    private static void RequireKnown(Activation activation)
    {
        if (activation is not (Activation.Gelu or Activation.Relu))
        {
            throw new ArgumentOutOfRangeException(nameof(activation), activation, "Not an activation.");
        }
    }
}
