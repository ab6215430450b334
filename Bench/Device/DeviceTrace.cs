using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace FisherKernels.Bench;

/// <summary>What ILGPU keeps to itself while a device is looked for and opened, on request: FISHER_TRACE=1.</summary>
/// <remarks>
/// Looking for CUDA devices it catches every exception and lists none, and what the driver's compiler says of a kernel goes to
/// <see cref="Trace"/> only. Both are written as they come: a driver that is not found, a function that it lacks, its error codes.
/// </remarks>
public static class DeviceTrace
{
    /// <summary>Writes until it is disposed; null where it was not asked for.</summary>
    public static IDisposable? Begin(TextWriter to) => Environment.GetEnvironmentVariable("FISHER_TRACE") == "1" ? new Listening(to) : null;

    /// <summary>Whether an exception is ILGPU's own, or of a native library or a function in one that is missing.</summary>
    internal static bool Concerns(Exception exception) =>
        exception is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException
        || exception.GetType().Namespace?.StartsWith(nameof(ILGPU), StringComparison.Ordinal) == true
        || exception.TargetSite?.DeclaringType?.Namespace?.StartsWith(nameof(ILGPU), StringComparison.Ordinal) == true;

    private sealed class Listening : IDisposable
    {
        private readonly TextWriter _to;
        private readonly TextWriterTraceListener _listener;

        public Listening(TextWriter to)
        {
            _to = TextWriter.Synchronized(to);
            _listener = new TextWriterTraceListener(_to);
            Trace.Listeners.Add(_listener);
            AppDomain.CurrentDomain.FirstChanceException += Thrown;
        }

        public void Dispose()
        {
            AppDomain.CurrentDomain.FirstChanceException -= Thrown;
            Trace.Listeners.Remove(_listener);
        }

        private void Thrown(object? sender, FirstChanceExceptionEventArgs thrown)
        {
            if (Concerns(thrown.Exception))
            {
                System.Reflection.MethodBase? place = thrown.Exception.TargetSite;
                _to.WriteLine(
                    $"trace: {thrown.Exception.GetType().Name}: {thrown.Exception.Message} ({place?.DeclaringType}.{place?.Name})");
            }
        }
    }
}
