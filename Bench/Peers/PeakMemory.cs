using System.Globalization;

namespace FisherKernels.Bench.Peers;

/// <summary>How far the resident memory of the process rises above where it stood while something runs; Linux keeps the mark.</summary>
internal static class PeakMemory
{
    /// <summary>In 10⁶ bytes; null where the system does not let the mark be set back.</summary>
    public static double? Of(Action work)
    {
        try
        {
            // 5 sets the high-water mark to what is resident now (proc(5)).
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        double before = Kilobytes("VmRSS");
        work();
        return Math.Max(Kilobytes("VmHWM") - before, 0) * 1024 / 1e6;
    }

    private static double Kilobytes(string name) => double.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
