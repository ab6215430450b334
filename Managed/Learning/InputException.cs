using FisherKernels.Kernels;

namespace FisherKernels.Learning;

/// <summary>
/// Something a person gave is not usable: the message names the file or argument, what was found, what was expected, and what to do.
/// </summary>
public class InputException : FisherException
{
    /// <summary>With the whole sentence.</summary>
    public InputException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Options that the message is about, by the names of their properties or parameters, so that a command can say which
    /// of its flags
    /// they are; empty where it is about none.</summary>
    public IReadOnlyList<string> About { get; init; } = [];
}
