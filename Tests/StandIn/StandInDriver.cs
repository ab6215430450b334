using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using FisherKernels.Tests.House;
using NUnit.Framework;

namespace FisherKernels.Tests.StandIn;

/// <summary>
/// The stand-in CUDA driver (Tests/Device/StandIn) as a library of its own, whatever CUDA driver this process has: built once,
/// loaded by its path.
/// Runs kernels written by hand and tells what was found in them.
/// </summary>
internal sealed unsafe class StandInDriver
{
    /// <summary>Group size of a launch, number of groups, what is passed, and whether all groups run at the same time.</summary>
    internal sealed record Shape(int Groups = 1, int Threads = 1, bool Cooperative = false, int DynamicShared = 0);

    /// <summary>What a launch returned, the words of its output, and what the log said about it.</summary>
    internal sealed record Outcome(int Result, uint[] Words, string Log)
    {
        /// <summary>The kinds of findings, each once.</summary>
        public string[] Findings =>
            [.. Log.Split('\n').Where(line => line.Contains("FINDING ", StringComparison.Ordinal))
                .Select(line =>
                    line[(line.IndexOf("FINDING ", StringComparison.Ordinal) + 8)..line.IndexOf(" in test", StringComparison.Ordinal)])
                    .Distinct()];
    }

    public const int Success = 0, InvalidPtx = 218, IllegalAddress = 700, Misaligned = 716, LaunchFailed = 719, CooperativeTooLarge = 720;

    // Registers every body may use: %rd1 out, %rd2 in, %r1 thread, %r2 group, %r3 groups; %rd3 this thread's own word of out.
    private const string Head = """
        .version 8.0
        .target sm_80
        .address_size 64
        .visible .entry NAME(.param .b64 out, .param .b64 in)
        {
            .reg .pred %p<10>;
            .reg .b16 %h<10>;
            .reg .b32 %r<60>;
            .reg .b64 %rd<30>;
            .reg .f32 %f<60>;
            .reg .f64 %fd<20>;
            .shared .align 16 .b8 tile[8192];
            ld.param.b64 %rd1, [out];
            ld.param.b64 %rd2, [in];
            mov.u32 %r1, %tid.x;
            mov.u32 %r2, %ctaid.x;
            mov.u32 %r3, %nctaid.x;
            mov.u32 %r4, %ntid.x;
            mad.lo.u32 %r4, %r2, %r4, %r1;
            mul.wide.u32 %rd3, %r4, 4;
            add.u64 %rd3, %rd1, %rd3;

        """;

    private static readonly Lock Gate = new();
    private static StandInDriver? _one;
    private readonly IntPtr _library;
    private readonly string _log;
    private int _kernels;

    private StandInDriver(string path)
    {
        _log = Path.Combine(Directory.CreateTempSubdirectory("fisher-standin-").FullName, "log.txt");
        string known = Path.Combine(Path.GetDirectoryName(_log)!, "known.txt");
        File.WriteAllText(known, "# kernel | finding | reason\nlisted | DIVISION BY ZERO | for a test\nlisted | DEADLOCK |\n");
        _library = NativeLibrary.Load(path);
        // The library reads the environment once, in its first call; .NET's own copy of it does not reach there.
        (string Name, string Value)[] wanted =
            [("STANDIN_LOG", _log), ("STANDIN_KNOWN", known), ("STANDIN_TRACE", "1"), ("STANDIN_MEMORY", "1e8"), ("STANDIN_LIMIT", "1e7")];
        IntPtr c = NativeLibrary.Load("libc.so.6");
        var setenv = (delegate* unmanaged<byte*, byte*, int, int>)NativeLibrary.GetExport(c, "setenv");
        var unsetenv = (delegate* unmanaged<byte*, int>)NativeLibrary.GetExport(c, "unsetenv");
        foreach ((string name, string value) in wanted)
        {
            fixed (byte* n = Text(name), v = Text(value))
            {
                Check(setenv(n, v, 1));
            }
        }

        Check(((delegate* unmanaged<uint, int>)Function("cuInit"))(0));
        foreach ((string name, _) in wanted)
        {
            string? before = Environment.GetEnvironmentVariable(name);
            fixed (byte* n = Text(name), v = Text(before ?? ""))
            {
                Check(before is null ? unsetenv(n) : setenv(n, v, 1));
            }
        }
    }

    /// <summary>The driver; the test is skipped where it cannot be built.</summary>
    public static StandInDriver Open()
    {
        lock (Gate)
        {
            return _one ??= new StandInDriver(Build());
        }
    }

    /// <summary>Runs a body with <paramref name="words"/> words of output, filled with 0, and the input given.</summary>
    public Outcome Run(string body, Shape? shape = null, int words = 1, ReadOnlySpan<uint> input = default)
    {
        (int result, IntPtr function, string log) = Load(body);
        return result == Success ? Launch(function, shape ?? new(), words, input) : new(result, [], log);
    }

    /// <summary>Loads a body; not understood, the result says so and the log why.</summary>
    public (int Result, IntPtr Function, string Log) Load(string body, string kind = "test")
    {
        string name = $"{kind}{Interlocked.Increment(ref _kernels)}";
        string text = Head.Replace("NAME", name, StringComparison.Ordinal) + body + "\nret;\n}\n";
        long from = LogLength();
        IntPtr module, function;
        fixed (byte* t = Text(text), n = Text(name))
        {
            int result = ((delegate* unmanaged<IntPtr*, byte*, int>)Function("cuModuleLoadData"))(&module, t);
            if (result != Success)
            {
                return (result, 0, LogFrom(from));
            }

            Check(((delegate* unmanaged<IntPtr*, IntPtr, byte*, int>)Function("cuModuleGetFunction"))(&function, module, n));
        }

        return (Success, function, LogFrom(from));
    }

    /// <summary>Launches a loaded kernel and reads its output.</summary>
    public Outcome Launch(IntPtr function, Shape shape, int words, ReadOnlySpan<uint> input = default)
    {
        long from = LogLength();
        IntPtr output = Allocate(words), given = Allocate(Math.Max(1, input.Length));
        Upload(output, new uint[words]);
        Upload(given, input.IsEmpty ? [0] : input);
        int result = Submit(function, shape, output, given, 0);
        uint[] values = Download(output, words);
        Free(output);
        Free(given);
        return new(result, values, LogFrom(from));
    }

    public int Submit(IntPtr function, Shape shape, IntPtr output, IntPtr input, IntPtr stream)
    {
        void** values = stackalloc void*[] { &output, &input };
        (uint groups, uint threads, uint bytes) = ((uint)shape.Groups, (uint)shape.Threads, (uint)shape.DynamicShared);
        return shape.Cooperative
            ? ((delegate* unmanaged<IntPtr, uint, uint, uint, uint, uint, uint, uint, IntPtr, void**, int>)Function(
                "cuLaunchCooperativeKernel"))(
                function, groups, 1, 1, threads, 1, 1, bytes, stream, values)
            : ((delegate* unmanaged<IntPtr, uint, uint, uint, uint, uint, uint, uint, IntPtr, void**, void**, int>)Function(
                "cuLaunchKernel"))(
                function, groups, 1, 1, threads, 1, 1, bytes, stream, values, null);
    }

    public IntPtr Allocate(int words)
    {
        IntPtr p;
        Check(((delegate* unmanaged<IntPtr*, nuint, int>)Function("cuMemAlloc_v2"))(&p, (nuint)words * 4));
        return p;
    }

    public void Free(IntPtr p) => Check(((delegate* unmanaged<IntPtr, int>)Function("cuMemFree_v2"))(p));

    public void Upload(IntPtr to, ReadOnlySpan<uint> words)
    {
        fixed (uint* from = words)
        {
            Check(((delegate* unmanaged<IntPtr, void*, nuint, int>)Function("cuMemcpyHtoD_v2"))(to, from, (nuint)words.Length * 4));
        }
    }

    public uint[] Download(IntPtr from, int words)
    {
        uint[] values = new uint[words];
        fixed (uint* to = values)
        {
            Check(((delegate* unmanaged<void*, IntPtr, nuint, int>)Function("cuMemcpyDtoH_v2"))(to, from, (nuint)words * 4));
        }

        return values;
    }

    /// <summary>An exported function.</summary>
    public void* Function(string name) => (void*)NativeLibrary.GetExport(_library, name);

    /// <summary>The name of an error number.</summary>
    public string ErrorName(int number)
    {
        byte* text;
        Check(((delegate* unmanaged<int, byte**, int>)Function("cuGetErrorName"))(number, &text));
        return Marshal.PtrToStringUTF8((IntPtr)text)!;
    }

    public static void Check(int result) => Assert.That(result, Is.Zero, "a call of the driver failed");

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text + "\0");

    private long LogLength() => File.Exists(_log) ? new FileInfo(_log).Length : 0;

    private string LogFrom(long from)
    {
        if (!File.Exists(_log))
        {
            return "";
        }

        using FileStream file = new(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(from, SeekOrigin.Begin);
        using StreamReader reader = new(file);
        return reader.ReadToEnd();
    }

    // Built into artifacts/standin, where it stays until a source changes.
    private static string Build()
    {
        string folder = Path.Combine(Repository.Root, "artifacts", "standin");
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64
            && RuntimeInformation.ProcessArchitecture != Architecture.Arm64)
        {
            Assert.Ignore("The stand-in is for Linux.");
        }

        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(path => File.Exists(Path.Combine(path, "g++"))))
        {
            Assert.Ignore("No g++ here to build the stand-in with.");
        }

        ProcessStartInfo start = new("/bin/bash", [Path.Combine(Repository.Root, "Tests", "Device", "StandIn", "build"), folder])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process build = Process.Start(start)!;
        Task<string> errors = build.StandardError.ReadToEndAsync();
        string said = build.StandardOutput.ReadToEnd() + errors.Result;
        build.WaitForExit();
        Assert.That(build.ExitCode, Is.Zero, said);
        return Path.Combine(folder, "libcuda.so.1");
    }
}
