using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Selection;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>An option that would do nothing is refused by its name, and one that does something is taken.</summary>
public class UselessOptionsTests
{
    private SelectPool _pool = null!;

    [SetUp]
    public void Prepare() => _pool = new SelectPool();

    [TearDown]
    public void Remove() => _pool.Dispose();

    [Test]
    public void A_rule_takes_what_it_looks_at_and_nothing_else()
    {
        string targets = _pool.Listed("targets.npy", (0, 5));
        foreach (Strategy rule in Strategy.Known.Where(rule => !rule.Acquisition.Reads(Inputs.MaskedRewards)))
        {
            Holds(rule.Acquisition.Reads(Inputs.Targets), "--targets", rule.Name, "--targets", targets);
            Holds(rule.Acquisition.Reads(Inputs.Ridge), "--ridge", rule.Name, "--ridge", "0.1");
            Holds(rule.Acquisition.Criterion is not null, "--certify", rule.Name, "--certify", "0.5");
            Holds(rule.Acquisition.Criterion is not null, "--certify", rule.Name, "--certify", "0.5", "--time-limit", "100");
            Holds(false, "--time-limit", rule.Name, "--time-limit", "100");
            foreach (string limit in (string[])["--per-prompt", "--per-response"])
            {
                Holds(rule.Selector.KeepsLimits, limit, rule.Name, limit, "2");
                Holds(true, limit, rule.Name + "+sample", limit, "2");
            }
        }

        foreach (IBatchSelector optimiser in BatchSelectors.Optimisers)
        {
            Holds(optimiser.TakesTime, "--time-limit", "dopt+" + optimiser.Name, "--time-limit", "100");
        }
    }

    [Test]
    public void How_candidates_are_drawn_is_nothing_to_listed_ones()
    {
        string pairs = _pool.Listed("pairs.npy", (0, 1), (5, 7), (2, 9));
        foreach (string[] option in (string[][])[["--scope", "in-prompt"], ["--prompts", "5"], ["--candidates", "9"]])
        {
            Holds(false, option[0], "random", ["--pairs", pairs, .. option]);
        }

        Refused("--candidates is 5, and --batch is 6", "--rule", "random", "--candidates", "5", "--batch", "6");
        Refused("--time-limit goes with", "--every-pair", "--rule", "padopt+greedy", "--batch", "2", "--time-limit", "9");
    }

    [Test]
    public void A_budget_and_a_number_of_pairs_both_limit()
    {
        string costs = _pool.Write("costs.npy", Enumerable.Repeat(1f, SelectPool.Responses).ToArray(), SelectPool.Responses);
        string[] paid = ["--rule", "dopt", "--costs", costs, "--budget"];
        Assert.That(_pool.Chosen([.. paid, "12"]), Has.Length.EqualTo(6));
        Assert.That(_pool.Chosen([.. paid, "12", "--batch", "2"]), Has.Length.EqualTo(2));
        Assert.That(_pool.Chosen([.. paid, "12", "--batch", "100"]), Has.Length.EqualTo(6));
        Assert.That(_pool.Chosen([.. paid, "1e6", "--batch", "1000"]), Has.Length.EqualTo(SelectPool.Pairs));
    }

    [Test]
    public void A_batch_that_limits_cut_short_is_said_to_be_what_was_found()
    {
        // Two pairs that share a response with a third: whoever takes that first finds one, and two are possible.
        string pairs = _pool.Listed("pairs.npy", (0, 1), (1, 2), (2, 3)), must = _pool.Listed("must.npy", (1, 2));
        Said said = _pool.Select("--rule", "dopt", "--pairs", pairs, "--must", must, "--per-response", "1", "--batch", "2");
        Assert.That(said.Code, Is.Zero, said.Error);
        Assert.That(said.Error, Does.Contain("1 of the 2 that --batch asks for were found. Another choice may hold more"));
    }

    [Test]
    public void What_must_be_in_beyond_a_limit_is_named_by_its_rows()
    {
        string must = _pool.Listed("must.npy", (8, 9), (4, 5), (6, 5));
        Refused("the pair (6, 5) is one too many", "--rule", "dopt", "--must", must, "--per-response", "1", "--batch", "9");
        Refused("the pair (4, 5) is one too many", "--rule", "dopt", "--must", must, "--batch", "1");
    }

    [Test]
    public void Score_takes_targets_and_draws_only_for_rules_that_look_at_them()
    {
        string features = _pool.Write("phi.npy", _pool.Psi, SelectPool.Responses, SelectPool.Width),
            pairs = _pool.Listed("pairs.npy", (0, 1), (5, 7), (2, 9));
        string head = _pool.Write<float>("head.npy", [1, 2, 3, 4], 4),
            draws = _pool.Write("draws.npy", _pool.Psi, SelectPool.Responses, SelectPool.Width);
        foreach (Strategy rule in Strategy.Known)
        {
            string[] command = [
                "score", "--rule", rule.Name, "--features", features, "--pairs", pairs, "--head", head, "--past", pairs, "--ridge", "0.1",
                "--out", _pool.Out, "--device", "cpu", .. rule.Acquisition.Reads(Inputs.MaskedRewards) ? (string[])["--draws", draws] : []];
            Assert.That(Fisher.Run(command).Code, Is.Zero, rule.Name);
            Assert.That(Fisher.Run([.. command, "--targets", pairs]).Code, Is.EqualTo(rule.Acquisition.Reads(Inputs.Targets) ? 0 : 2),
                rule.Name);
            if (!rule.Acquisition.Reads(Inputs.MaskedRewards))
            {
                Said said = Fisher.Run([.. command, "--draws", draws]);
                Assert.That((said.Code, said.Error.Contains("--draws goes with bald-dropout")), Is.EqualTo((2, true)), rule.Name);
            }
        }
    }

    [Test]
    public void Score_says_the_same_of_rewards_that_overflow_by_every_rule_and_says_when_nothing_tells_pairs_apart()
    {
        string features = _pool.Write("phi.npy", _pool.Psi, SelectPool.Responses, SelectPool.Width),
            pairs = _pool.Listed("pairs.npy", (0, 1), (5, 7), (2, 9));
        string huge = _pool.Write<float>("huge.npy", [3e38f, 3e38f, 3e38f, 3e38f], 4), none = _pool.Write("none.npy", new float[4], 4);
        Said Score(string rule, string head) =>
            Fisher.Run("score", "--rule", rule, "--features", features, "--pairs", pairs, "--head", head, "--out", _pool.Out, "--device",
                "cpu");
        foreach (Strategy rule in Strategy.Known.Where(rule => !rule.Acquisition.Reads(Inputs.MaskedRewards)))
        {
            Said said = Score(rule.Name, huge);
            Assert.That((said.Code, said.Error.Contains("its features times the head, is")), Is.EqualTo((1, true)), rule.Name + said.Error);
        }

        Said equal = Score("entropy", none);
        Assert.That((equal.Code, equal.Error.Contains("all 3 pairs have the score 0.693147: by entropy nothing tells them apart")),
            Is.EqualTo((0, true)), equal.Error);
    }

    [Test]
    public void A_run_of_strategies_without_a_ridge_takes_none() =>
        Assert.That(
            Fisher.Run("run", "--strategies", "random,entropy", "--ridge", "0.1", "--out", _pool.PathOf("run")).Error,
            Does.Contain("--ridge goes with xtx, dopt"));

    private void Holds(bool isTaken, string option, string rule, params string[] more)
    {
        Said said = _pool.Select(["--rule", rule, "--batch", "2", .. more]);
        Assert.That(said.Code, Is.EqualTo(isTaken ? 0 : 2), $"{rule} {string.Join(' ', more)}: {said.Error}");
        Assert.That(isTaken || said.Error.Contains($"fisher: {option} "), $"{rule} {string.Join(' ', more)}: {said.Error}");
    }

    private void Refused(string sentence, params string[] more)
    {
        Said said = _pool.Select(more);
        Assert.That((said.Code, File.Exists(_pool.Out)), Is.EqualTo((2, false)), said.Out + said.Error);
        Assert.That(said.Error, Does.Contain(sentence));
    }
}
