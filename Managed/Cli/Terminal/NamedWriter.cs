using System.Text;

namespace FisherKernels.Cli.Terminal;

/// <summary>A stream of the process under a name, for when it cannot be written: redirected to a disk that is full, or closed.</summary>
/// <param name="inner">The stream.</param>
/// <param name="failed">What is done then.</param>
internal sealed class NamedWriter(TextWriter inner, Action<Exception> failed) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Results: a failure to write them is a failure of the command.</summary>
    public static NamedWriter Results() => new(Console.Out, exception =>
        throw new IOException($"standard output could not be written: {exception.Message}", exception));

    /// <summary>Progress and errors: where they cannot be written there is nobody to tell, and the work goes on.</summary>
    public static NamedWriter Messages() => new(Console.Error, _ => { });

    /// <inheritdoc/>
    public override void Write(char value) => Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    /// <inheritdoc/>
    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            failed(exception);
        }
    }
}
