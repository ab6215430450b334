using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace FisherKernels.Tests;

/// <summary>The GPU maker's own assembler, where it is to be had: what becomes of a kernel's PTX on a card, without a card.</summary>
/// <remarks>Looked for as FISHER_PTXAS, on the PATH, and where <c>.ci/ptxas</c> puts it. nvdisasm lies beside it.</remarks>
internal sealed class Assembler
{
    private const string Root = "/opt/cuda-assembler";

    private readonly string _ptxas;

    private Assembler(string ptxas) => _ptxas = ptxas;

    /// <summary>Where it is; null and why where there is none.</summary>
    public static (Assembler? Assembler, string Absent) Find()
    {
        string? named = Environment.GetEnvironmentVariable("FISHER_PTXAS");
        string own = Path.Combine(Environment.GetEnvironmentVariable("FISHER_PTXAS_ROOT") ?? Root, "ptxas");
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        string? found = named is { Length: > 0 } && File.Exists(named)
            ? named
            : path.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, "ptxas")).Append(own)
                .FirstOrDefault(File.Exists);
        return found is null
            ? (null, "ptxas is not here: bash .ci/ptxas fetches it, or FISHER_PTXAS names it") : (new Assembler(found), "");
    }

    /// <summary>Assembles for compute capability 9.0.</summary>
    /// <exception cref="InvalidOperationException">It is refused; the message is ptxas' own.</exception>
    public Assembled Assemble(string ptx)
    {
        string folder = Directory.CreateTempSubdirectory("fisher-ptxas-").FullName;
        try
        {
            string source = Path.Combine(folder, "kernel.ptx"), binary = Path.Combine(folder, "kernel.cubin");
            File.WriteAllText(source, ptx);
            string said = Run(_ptxas, "-arch=sm_90", "-v", source, "-o", binary);
            string nvdisasm = Path.Combine(Path.GetDirectoryName(_ptxas)!, "nvdisasm");
            return Assembled.Read(said, File.Exists(nvdisasm) ? Run(nvdisasm, "-c", binary) : "");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process =
            Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string said = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        return process.ExitCode == 0 ? said : throw new InvalidOperationException($"{Path.GetFileName(program)}: {said}");
    }
}

/// <summary>A kernel as a card runs it.</summary>
/// <param name="Registers">Of each thread.</param>
/// <param name="StackBytes">Of each thread, in slow local memory.</param>
/// <param name="SpilledBytes">Written there and read again because registers did not suffice.</param>
/// <param name="SharedBytes">Of each group.</param>
/// <param name="Code">The card's own instructions, one a line; empty where they could not be read.</param>
internal sealed partial record Assembled(int Registers, int StackBytes, int SpilledBytes, int SharedBytes, IReadOnlyList<string> Code)
{
    /// <summary>Reads what ptxas -v and nvdisasm -c say.</summary>
    public static Assembled Read(string ptxas, string nvdisasm) => new(
        Number(ptxas, "Used (\\d+) registers"), Number(ptxas, "(\\d+) bytes stack frame"),
        Number(ptxas, "(\\d+) bytes spill stores") + Number(ptxas, "(\\d+) bytes spill loads"), Number(ptxas, "(\\d+) bytes smem"),
        [.. nvdisasm.Split('\n').Select(line => Line().Match(line)).Where(line => line.Success)
            .Select(line => line.Groups[1].Value + line.Groups[2].Value)]);

    /// <summary>
    /// The most loads from global memory that are under way at once: none of their numbers is used, and no barrier or jump comes,
    /// before the last is asked for.
    /// </summary>
    /// <remarks>Each wait for such a load is 300 cycles and more; what is under way together waits once.</remarks>
    public int LoadsInFlight()
    {
        var awaited = new HashSet<int>();
        int loads = 0, most = 0;
        foreach (string line in Code)
        {
            if (line.EndsWith(':') || Ends().IsMatch(line))
            {
                Arrived();
                continue;
            }

            Match instruction = Parts().Match(line);
            string name = instruction.Groups[1].Value;
            string[] operands = instruction.Groups[2].Value.Split(',', 2);
            bool writes = !name.StartsWith("ST", StringComparison.Ordinal) && !name.StartsWith("RED", StringComparison.Ordinal);
            string read = writes ? (operands.Length > 1 ? operands[1] : "") : instruction.Groups[2].Value;
            int[] written = writes ? Numbers(operands[0], Width(name)) : [];
            if (Numbers(read, 1).Concat(written).Any(awaited.Contains))
            {
                Arrived();
            }

            if (GlobalLoad().IsMatch(name))
            {
                awaited.UnionWith(written);
                most = Math.Max(most, ++loads);
            }
        }

        return most;

        void Arrived()
        {
            awaited.Clear();
            loads = 0;
        }
    }

    // Registers of 32 bits that an operand names; R4.64 is R4 and R5, and what is loaded may be up to four.
    private static int[] Register(Match match, int width)
    {
        int first = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return [.. Enumerable.Range(first, Math.Max(width, match.Groups[2].Success ? 2 : 1))];
    }

    private static int[] Numbers(string operands, int width) => [.. Named().Matches(operands).SelectMany(match => Register(match, width))];

    private static int Width(string name) =>
        name.Contains(".128", StringComparison.Ordinal) ? 4 : name.Contains(".64", StringComparison.Ordinal) ? 2 : 1;

    private static int Number(string text, string pattern) =>
        Regex.Match(text, pattern) is { Success: true } found ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    // "        /*0590*/                   LD.E R10, desc[UR10][R10.64] ;", or a label.
    [GeneratedRegex(@"^\s*(?:/\*[0-9a-f]{4,}\*/\s+(.*?)\s*;.*|(?=\.L)(\S+:))\s*$")]
    private static partial Regex Line();

    [GeneratedRegex(@"^(?:@!?U?P\w+\s+)?(BAR|BRA|BRX|EXIT|RET|CALL|WARPSYNC|MEMBAR|BSYNC)\b")]
    private static partial Regex Ends();

    [GeneratedRegex(@"^(?:@!?U?P\w+\s+)?([A-Z][\w.]*)\s*(.*)$")]
    private static partial Regex Parts();

    [GeneratedRegex(@"^(LD|LDG)(\.|$)")]
    private static partial Regex GlobalLoad();

    [GeneratedRegex(@"(?<!U)\bR(\d+)(\.64)?\b")]
    private static partial Regex Named();
}
