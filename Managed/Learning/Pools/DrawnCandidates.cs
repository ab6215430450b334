using FisherKernels.Kernels;

namespace FisherKernels.Learning.Pools;

/// <summary>The candidate pairs of a round, and what they were drawn from.</summary>
/// <param name="Pairs">Distinct pairs of rows with First &lt; Second, ascending.</param>
/// <param name="Unlabelled">Pairs of different responses of the drawn prompts that were not left out as labelled;
/// <paramref name="Pairs"/> are some or all of them.</param>
/// <param name="Prompts">Prompts drawn.</param>
/// <param name="IdenticalLeftOut">Pairs of the drawn prompts whose two responses have the same embedding; they are no candidates.</param>
/// <param name="ResponsesLeftOut">Responses of the drawn prompts whose embedding is not finite; they are in no candidate.</param>
public sealed record DrawnCandidates(Pair[] Pairs, long Unlabelled, int Prompts, long IdenticalLeftOut, int ResponsesLeftOut);
