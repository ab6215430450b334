namespace FisherKernels.Bench.Peers;

/// <summary>A piece of work that ours and a peer do on the same data.</summary>
/// <param name="Work">What is done.</param>
/// <param name="Formulation">How the peer does it.</param>
/// <param name="Own">Ours.</param>
/// <param name="Theirs">The peer's, once; milliseconds.</param>
/// <param name="Agreement">After both have run once: how far their answers agree, in words; a peer that computes something else is
/// none.</param>
/// <param name="Least">The ratio that ours is to reach, or null.</param>
internal sealed record PeerWork(string Work, string Formulation, Action Own, Func<double> Theirs, Func<string> Agreement, double? Least);
