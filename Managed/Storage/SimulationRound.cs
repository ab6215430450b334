using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Storage;

/// <summary>One round of a simulation as it stands in its journal: the same for every run of the same command.</summary>
/// <param name="Round">From 0.</param>
/// <param name="ChosenBy">The strategy that chose; the first round is random.</param>
/// <param name="Candidates">n, pairs it chose from.</param>
/// <param name="First">First response of each pair, best pair first.</param>
/// <param name="Second">Second response of each pair.</param>
/// <param name="Preferences">h of each pair.</param>
/// <param name="LogDeterminant">log det M of the candidates' information, or null for a strategy without one.</param>
/// <param name="Labels">Comparisons known after the round.</param>
/// <param name="TrainingSteps">Steps behind the parameters kept.</param>
/// <param name="HeldOutLoss">Loss on the comparisons held out to stop early, or null without any.</param>
/// <param name="Evaluation">On the held-out prompts.</param>
public sealed record SimulationRound(
    int Round,
    string ChosenBy,
    int Candidates,
    int[] First,
    int[] Second,
    float[] Preferences,
    double? LogDeterminant,
    int Labels,
    int TrainingSteps,
    double? HeldOutLoss,
    Evaluation Evaluation);

/// <summary>Where a round's time went, in seconds of wall time.</summary>
/// <param name="Round">From 0.</param>
/// <param name="Select">Drawing candidates, features, scores, picking.</param>
/// <param name="Train">Training.</param>
/// <param name="Evaluate">Scoring and measuring the held-out prompts.</param>
public readonly record struct RoundSeconds(int Round, double Select, double Train, double Evaluate);
