using System.Globalization;

namespace FisherKernels.Bench.Peers;

/// <summary>How far the resident memory of a process rises above where it stood while something runs; Linux keeps the mark.</summary>
internal static class PeakMemory
{
    /// <summary>In 10⁶ bytes; null where the system does not let the mark be set back.</summary>
    /// <param name="work">What runs.</param>
    /// <param name="process">The process that does it; null for this one.</param>
    public static double? Of(Action work, int? process = null)
    {
        string folder = process is int id ? FormattableString.Invariant($"/proc/{id}") : "/proc/self";
        try
        {
            // 5 sets the high-water mark to what is resident now (proc(5)).
            File.WriteAllText($"{folder}/clear_refs", "5");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        double before = Kilobytes(folder, "VmRSS");
        work();
        return Math.Max(Kilobytes(folder, "VmHWM") - before, 0) * 1024 / 1e6;
    }

    private static double Kilobytes(string folder, string name) => double.Parse(
        File.ReadLines($"{folder}/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal))
            .Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
