using System.CommandLine;

namespace FisherKernels.Cli.Terminal;

/// <summary>An option that names a file or a folder.</summary>
public sealed class PathOption : Option<string?>
{
    /// <summary>An option that takes one path, which is not empty.</summary>
    /// <param name="name">With its two dashes.</param>
    public PathOption(string name)
        : base(name) => Validators.Add(given =>
        {
            if (given.Tokens is [{ Value: "" }])
            {
                given.AddError($"{name} is empty; name a file or folder.");
            }
        });
}
