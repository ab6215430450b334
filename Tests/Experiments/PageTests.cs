using System.Globalization;
using FisherKernels.Bench.Experiments.Page;
using FisherKernels.Tests.Apps;
using NUnit.Framework;

namespace FisherKernels.Tests.Experiments;

/// <summary>Bench page on journals written by hand, with answers worked out by hand.</summary>
public class PageTests : RunsByHand
{
    [Test]
    public void The_label_at_which_a_curve_reaches_a_target_is_interpolated() => Assert.Multiple(() =>
    {
        double[] labels = [10, 20, 30];
        Assert.That(Saving.Reach(labels, [0.9, 0.6, 0.4], 0.5), Is.EqualTo(25).Within(1e-12));
        Assert.That(Saving.Reach(labels, [0.9, 0.6, 0.4], 0.6), Is.EqualTo(20).Within(1e-12));
        Assert.That(Saving.Reach(labels, [0.3, 0.6, 0.4], 0.5), Is.EqualTo(10), "at the first batch already");
        Assert.That(Saving.Reach(labels, [0.9, 0.8, 0.7], 0.5), Is.EqualTo(double.PositiveInfinity), "never");
    });

    // The page of it, made anew in each test.
    private void PageOfARunWrittenByHand()
    {
        // random ends at 0.5 and 0.4, mean 0.45; dopt's mean falls 0.8, 0.5, 0.3: it is there at 25 of 30, seed by seed at 20 and 30.
        Run("run");
        Cell("run", "random", 1, 0.8, 0.7, 0.5);
        Cell("run", "random", 2, 0.8, 0.6, 0.4);
        Cell("run", "dopt", 1, 0.8, 0.4, 0.2);
        Cell("run", "dopt", 2, 0.8, 0.6, 0.4);
        Cell("run", "entropy", 1, 0.8, 0.8, 0.8);
        Cell("run", "entropy", 2, 0.8, 0.8, 0.8);
        Cell("run", "maxdiff", 1, 0.8, 0.7, 0.8);
        Cell("run", "maxdiff", 2, 0.8, 0.6, 0.7);
        Cell("run", "xtx", 3, 0.8, 0.8, 0.8);
        Data(4);

        BenchCommand.Do("page", "--runs", PathOf("run"), "--data", PathOf("data"), "--out", PathOf("out"));
    }

    [Test]
    public void Numbers_of_a_run_written_by_hand()
    {
        PageOfARunWrittenByHand();

        Dictionary<string, Dictionary<string, string>> rows = Rows(PathOf("out"));
        Assert.Multiple(() =>
        {
            Assert.That(Of("random", "one_minus_spearman"), Is.EqualTo(0.45).Within(1e-6));

            // Two values 0.1 apart: half the interval is t(0.975, 1) · 0.05 = 12.7062 · 0.05.
            Assert.That(Of("random", "half_width"), Is.EqualTo(12.7062 * 0.05).Within(1e-4));
            Assert.That(Of("dopt", "area"), Is.EqualTo((0.8 + 0.5 + 0.3) / 3).Within(1e-6));
            Assert.That(Of("dopt", "needed"), Is.EqualTo(22.5).Within(1e-6));
            Assert.That(Of("dopt", "saved_percent"), Is.EqualTo(25).Within(1e-4));
            Assert.That(Of("random", "needed"), Is.EqualTo(30).Within(1e-6), "by the same rule");
            Assert.That(rows["entropy"]["needed"], Is.Empty, "never reached");

            // Seed 1 alone: 0.5 between 0.8 and 0.4, at 17.5 of 30. Seed 2 alone: 0.4 at 30.
            Assert.That(Of("dopt", "saved_low"), Is.EqualTo(0).Within(1e-4));
            Assert.That(Of("dopt", "saved_high"), Is.EqualTo(100 * (1 - 17.5 / 30)).Within(1e-3));

            // Seed 1: 0.2 − 0.5 and (1.4 − 2.0)/3; seed 2: the same curve twice. Half the interval as above, of values 0.3 and 0.2 apart.
            Assert.That(Of("dopt", "final_minus_random"), Is.EqualTo(-0.15).Within(1e-6));
            Assert.That(Of("dopt", "final_minus_random_half_width"), Is.EqualTo(12.7062 * 0.15).Within(1e-4));
            Assert.That(Of("dopt", "area_minus_random"), Is.EqualTo(-0.1).Within(1e-6));
            Assert.That(Of("dopt", "area_minus_random_half_width"), Is.EqualTo(12.7062 * 0.1).Within(1e-4));
            Assert.That(Of("maxdiff", "final_minus_random"), Is.EqualTo(0.3).Within(1e-6), "in both seeds");
            Assert.That(Of("maxdiff", "final_minus_random_half_width"), Is.Zero.Within(1e-6));
            Assert.That(rows["random"]["area_minus_random"], Is.Empty, "itself");
            Assert.That(rows["xtx"]["area_minus_random"], Is.Empty, "no seed of random's");

            // Pairs (0, 1) and (1, 3): three responses of four places, gaps 1 and 6.
            Assert.That(Of("dopt", "distinct_share"), Is.EqualTo(0.75).Within(1e-6));
            Assert.That(Of("dopt", "mean_gap"), Is.EqualTo(3.5).Within(1e-6));

            // Standardised, the responses are (1, 1), (−1, 1), (1, −1), (−1, −1): Δ = √2·1, its rows 2 apart; log det(1 + 2·1).
            Assert.That(Of("dopt", "pair_distance"), Is.EqualTo(2).Within(1e-5));
            Assert.That(Of("dopt", "log_det"), Is.EqualTo(2 * Math.Log(3)).Within(1e-5));
            Assert.That(Of("dopt", "select_seconds"), Is.EqualTo(0.25).Within(1e-6));
            Assert.That(Of("dopt", "train_seconds"), Is.EqualTo(1.5).Within(1e-6));
            Assert.That((Of("dopt", "accuracy_first"), Of("dopt", "accuracy_last")), Is.EqualTo((0.5, 0.7)));
        });

        double Of(string strategy, string column) => double.Parse(rows[strategy][column], CultureInfo.InvariantCulture);
    }

    [Test]
    public void The_page_of_a_run_written_by_hand_shows_its_numbers_and_figures()
    {
        PageOfARunWrittenByHand();

        string page = File.ReadAllText(Path.Combine(PathOf("out"), "report.md"));
        Assert.That(page,
            Does.Contain("| dopt | 2 | 30 |").And.Contain("25 % [0 %, 42 %]").And.Contain("not reached").And.Contain("1-a_b_c-curves.png"));
        Assert.That(page, Does.Contain("| −0.150 ± 1.906 | 0.533 ± 0.847 | −0.100 ± 1.271 |").And.Contain("| **+0.300 ± 0.000** |"));
        Assert.That(page, Does.Contain("| dopt | 0.75 | 2.000 | 2.2 | 3.50 | 0.250 | 1.500 |"));
        Assert.That(page, Does.Not.Contain("All runs against random"), "there is one");
        Assert.That(page, Does.Not.Contain(Folder));
        foreach (string figure in (string[])["1-a_b_c-curves.png", "1-a_b_c-curves.svg", "1-a_b_c-gaps.png"])
        {
            Assert.That(new FileInfo(Path.Combine(PathOf("out"), figure)).Length, Is.Positive, figure);
        }
    }

    [Test]
    public void A_run_that_still_goes_on_is_read_up_to_the_rounds_that_all_seeds_have()
    {
        Run("run");
        Cell("run", "random", 1, 0.8, 0.7, 0.5);
        Cell("run", "random", 2, 0.8, 0.6);
        File.AppendAllText(Path.Combine(PathOf("run"), "cells", "random-seed2", "journal.jsonl"), "{\"round\":2,\"chosen");

        BenchCommand.Do("page", "--runs", PathOf("run"), "--out", PathOf("out"));

        Assert.That(Rows(PathOf("out"))["random"]["labels"], Is.EqualTo("20"));
        Assert.That(File.ReadAllText(Path.Combine(PathOf("out"), "report.md")),
            Does.Contain("golden rewards of this data set were not found").And.Contain("embeddings of this data set were not found"));
    }

    [Test]
    public void One_shared_seed_gives_a_difference_without_an_interval_over_the_rounds_that_both_have()
    {
        Run("run");
        Cell("run", "random", 1, 0.8, 0.7, 0.5);
        Cell("run", "dopt", 1, 0.8, 0.4);
        Cell("run", "dopt", 2, 0.1, 0.1);

        BenchCommand.Do("page", "--runs", PathOf("run"), "--out", PathOf("out"));

        Dictionary<string, string> dopt = Rows(PathOf("out"))["dopt"];
        Assert.That((dopt["final_minus_random"], dopt["area_minus_random"]), Is.EqualTo(("-0.3", "-0.15")));
        Assert.That((dopt["final_minus_random_half_width"], dopt["pair_distance"], dopt["log_det"]), Is.EqualTo(("", "", "")));
        Assert.That(File.ReadAllText(Path.Combine(PathOf("out"), "report.md")),
            Does.Contain("| −0.300 |").And.Contain("| dopt | 0.75 | – | – | – |"));
    }

    [Test]
    public void The_first_batch_is_random_and_counts_for_nobody()
    {
        Run("run");
        Cell("run", "random", 1, 0.8);
        Data(4);

        BenchCommand.Do("page", "--runs", PathOf("run"), "--data", PathOf("data"), "--out", PathOf("out"));

        Dictionary<string, string> random = Rows(PathOf("out"))["random"];
        Assert.That((random["distinct_share"], random["pair_distance"], random["log_det"], random["mean_gap"]),
            Is.EqualTo(("", "", "", "")));
        Assert.That(File.Exists(Path.Combine(PathOf("out"), "1-a_b_c-gaps.png")), Is.False);
    }

    [Test]
    public void What_is_no_run_is_refused()
    {
        Directory.CreateDirectory(PathOf("none"));
        Run("empty");
        Run("broken");
        Cell("broken", "random", 1, 0.8);
        File.AppendAllText(Path.Combine(PathOf("broken"), "cells", "random-seed1", "journal.jsonl"), "{\"round\":\"x\"}\n");

        foreach ((string folder, string sentence) in ((string, string)[])[
            ("none", "no plan.json"), ("empty", "without a finished round"), ("broken", "line 2 is not a round")])
        {
            Said said = BenchCommand.Run("page", "--runs", PathOf(folder), "--out", PathOf("out"));
            Assert.That(said.Code, Is.EqualTo(2), said.Error);
            Assert.That(said.Error, Does.Contain(sentence));
        }

        Assert.That(Directory.Exists(PathOf("out")), Is.False);
    }

    [TestCase("reward", "3 rewards")]
    [TestCase("embd", "3 embeddings")]
    public void Data_without_a_response_that_was_asked_about_is_refused(string kind, string found)
    {
        Run("run");
        Cell("run", "random", 1, 0.8);
        Data(3, kind);

        Said said = BenchCommand.Run("page", "--runs", PathOf("run"), "--data", PathOf("data"), "--out", PathOf("out"));

        Assert.That(said.Code, Is.EqualTo(2), said.Error);
        Assert.That(said.Error,
            Does.Contain(Path.Combine(PathOf("data"), $"{kind}_a_b_c_train.npy")).And.Contain(found).And.Contain("response 3"));
        Assert.That(Directory.Exists(PathOf("out")), Is.False);
    }

    [Test]
    public void Every_row_and_every_curve_of_a_run_ends_at_the_same_number_of_labels()
    {
        Run("run");
        Cell("run", "random", 1, 0.8, 0.7, 0.5);
        Cell("run", "random", 2, 0.8, 0.6);
        Cell("run", "dopt", 1, 0.8, 0.4, 0.1, 0.1);
        Cell("run", "dopt", 2, 0.8, 0.4, 0.1, 0.1);
        Data(4);

        BenchCommand.Do("page", "--runs", PathOf("run"), "--data", PathOf("data"), "--out", PathOf("out"));

        Dictionary<string, Dictionary<string, string>> rows = Rows(PathOf("out"));
        Assert.That(rows.Values.Select(row => row["labels"]), Is.All.EqualTo("20"));
        Assert.That((rows["random"]["one_minus_spearman"], rows["random"]["area"]), Is.EqualTo(("0.65", "0.725")));
        Assert.That((rows["dopt"]["one_minus_spearman"], rows["dopt"]["area"]), Is.EqualTo(("0.4", "0.6")));
        Assert.That((rows["dopt"]["accuracy_last"], rows["dopt"]["final_minus_random"]), Is.EqualTo(("0.6", "-0.25")));
    }

    [Test]
    public void A_measure_that_is_not_defined_has_no_number_and_no_curve()
    {
        Run("run");
        Cell("run", "random", 1, 0.8, 0.7);
        Cell("run", "dopt", 1, 0.8, 0.4);
        Undefine("run", "random");
        Undefine("run", "dopt");

        BenchCommand.Do("page", "--runs", PathOf("run"), "--out", PathOf("out"));

        string page = File.ReadAllText(Path.Combine(PathOf("out"), "report.md"));
        Assert.That(page, Does.Contain("| dopt | 1 | 20 | – | – | – | – | 2.000 |").And.Not.Contain("NaN"));
        Assert.That(Rows(PathOf("out"))["dopt"]["one_minus_spearman"], Is.Empty);
        Assert.That(File.ReadAllText(Path.Combine(PathOf("out"), "1-a_b_c-curves.svg")), Does.Not.Contain("rank correlation"));
    }

    [TestCase("{}", "is of round 0, expected 1")]
    [TestCase("{\"round\":1}", "lacks a part of its round")]
    [TestCase("{\"format\":\"fisher-journal\"}", "is of round 0, expected 1")]
    public void A_round_that_is_not_whole_is_refused(string line, string sentence)
    {
        Run("run");
        Cell("run", "random", 1, 0.8);
        File.AppendAllText(Path.Combine(PathOf("run"), "cells", "random-seed1", "journal.jsonl"), line + "\n");

        Said said = BenchCommand.Run("page", "--runs", PathOf("run"), "--out", PathOf("out"));

        Assert.That(said.Code, Is.EqualTo(2), said.Error);
        Assert.That(said.Error, Does.Contain("line 2").And.Contain(sentence));
    }
}
