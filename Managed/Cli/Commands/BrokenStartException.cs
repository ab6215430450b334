using FisherKernels.Kernels;

namespace FisherKernels.Cli.Commands;

/// <summary>Training came to nothing because the model that it started from has broken down already.</summary>
/// <param name="message">The whole sentence.</param>
/// <param name="inner">What training said.</param>
internal sealed class BrokenStartException(string message, Exception inner) : FisherException(message, inner);
