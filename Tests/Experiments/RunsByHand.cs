using System.Globalization;
using System.Text.RegularExpressions;
using FisherKernels.Storage;

namespace FisherKernels.Tests.Experiments;

/// <summary>Tests on runs written by hand: every batch of every cell asks pairs (0, 1) and (1, 3).</summary>
public abstract class RunsByHand : InFolder
{
    /// <summary>The lines of report.csv by strategy, where there is one run.</summary>
    protected static Dictionary<string, Dictionary<string, string>> Rows(string folder)
    {
        string[][] lines = [.. File.ReadAllLines(Path.Combine(folder, "report.csv")).Select(line => line.Split(','))];
        return lines.Skip(1)
            .ToDictionary(line => line[2], line => lines[0].Zip(line).ToDictionary(entry => entry.First, entry => entry.Second));
    }

    protected void Run(string name, string more = "")
    {
        Directory.CreateDirectory(PathOf(name));
        File.WriteAllText(Path.Combine(PathOf(name), "plan.json"), $"{{\"data\":\"a_b_c\",\"batch\":10,\"hidden\":[64,64]{more}}}\n");
    }

    // The first responses of (13, −1.5), (7, −1.5), (13, −2.5), (7, −2.5) and their rewards.
    protected void Data(int responses, params string[] kinds)
    {
        Directory.CreateDirectory(PathOf("data"));
        foreach (string kind in kinds is [] ? ["reward", "embd"] : kinds)
        {
            float[] numbers = kind == "reward" ? [0, 1, 3, 7] : [13, -1.5f, 7, -1.5f, 13, -2.5f, 7, -2.5f];
            Npy.Write<float>(
                Path.Combine(PathOf("data"), $"{kind}_a_b_c_train.npy"), numbers.AsSpan(0, responses * numbers.Length / 4),
                [responses, numbers.Length / 4]);
        }
    }

    /// <summary>As on test data without an order.</summary>
    protected void Undefine(string run, string strategy) => Rewrite(run, strategy, "\"spearman\":[^,]+", _ => "\"spearman\":null");

    /// <summary>As with batches of another size.</summary>
    protected void Relabel(string run, string strategy, Func<int, int> labels) => Rewrite(
        run, strategy, "\"labels\":(\\d+)", match =>
            FormattableString.Invariant($"\"labels\":{labels(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))}"));

    protected void Cell(string run, string strategy, int seed, params double[] curve)
    {
        string folder = Path.Combine(PathOf(run), "cells", FormattableString.Invariant($"{strategy}-seed{seed}"));
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "journal.jsonl"), curve.Select((value, round) => string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"round":{{{round}}},"chosen_by":"{{{(round == 0 ? "random" : strategy)}}}","candidates":9,"first":[0,1],"second":[1,3]"""
            + $$$""","preferences":[1,0],"log_determinant":null,"labels":{{{10 * (round + 1)}}},"training_steps":5,"held_out_loss":null"""
            + $$$""","evaluation":{"spearman":{{{1 - value}}},"best_of_n":[1,2],"accuracy":{{{0.5 + 0.1 * round}}},"log_loss":0.6"""
            + $$$""","calibration_error":0.1}}""")));
        File.WriteAllLines(Path.Combine(folder, "seconds.jsonl"), curve.Select((_, round) => FormattableString.Invariant(
            $$"""{"round":{{round}},"select":0.25,"train":1.5,"evaluate":0.1}""")));
    }

    private void Rewrite(string run, string strategy, string pattern, MatchEvaluator replacement)
    {
        foreach (string journal in Directory.GetDirectories(Path.Combine(PathOf(run), "cells"), $"{strategy}-seed*")
            .Select(cell => Path.Combine(cell, "journal.jsonl")))
        {
            File.WriteAllText(journal, Regex.Replace(File.ReadAllText(journal), pattern, replacement));
        }
    }
}
