using System.CommandLine;

namespace FisherKernels.Cli.Terminal;

/// <summary>An option that names a file or a folder.</summary>
internal sealed class PathOption : Option<string?>
{
    public PathOption(string name)
        : base(name) => Validators.Add(given =>
        {
            if (given.Tokens is [{ Value: "" }])
            {
                given.AddError($"{name} is empty; name a file or folder.");
            }
        });
}
