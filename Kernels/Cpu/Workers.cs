using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace FisherKernels.Kernels.Cpu;

/// <summary>The threads of one backend: blocks of work are handed out to them and to the caller, and nothing is allocated for it.</summary>
/// <remarks>
/// Each lane has blocks of its own, neighbours, the same ones in every call of so many: what it wrote in one call it finds in its own
/// caches in
/// the next, and it does not fight over a common counter. When they are done it helps the others, and so it does where their threads are
/// not there yet.
/// A thread that has nothing to do looks for work for a tenth of a millisecond, then sleeps; the threads are made at the first
/// shared work. One caller at a time shares its work. Whoever comes meanwhile, from another thread or from within a block,
/// does all of its blocks itself, so that nobody waits for anybody else's work, and services with a thread a request use
/// every core as well.
/// </remarks>
internal sealed class Workers : IBlockRunner, IDisposable
{
    // A caller's own steps between two shared ones are shorter; a thread that sleeps needs about as long to come back.
    private static readonly long LookingFor = Stopwatch.Frequency / 10_000;

    // Numbers between two counters, so that they do not lie in one line, nor in two that are fetched together.
    private const int Apart = 32;

    // The state's highest bit: blocks are being handed out. Below: how many threads besides the caller are in the work.
    private const int Open = 1 << 30;

    private readonly SemaphoreSlim _wake = new(0);
    private Thread[]? _threads;
    private Action<int, int>? _body;
    private ExceptionDispatchInfo? _failure;
    private readonly int[] _next;
    private int _count;
    private int _state;
    private int _isShared;
    private int _asleep;
    private volatile bool _isStopped;

    /// <summary>A team of so many threads, the caller among them.</summary>
    public Workers(int count) => (Count, _next) = (count, new int[(count + 1) * Apart]);

    /// <summary>Threads, the caller among them; lanes run from 0 to one below.</summary>
    public int Count { get; }

    /// <summary>Threads that sleep now.</summary>
    public int Asleep => Volatile.Read(ref _asleep);

    /// <summary>
    /// Runs <paramref name="body"/>(block, lane) for blocks 0 … <paramref name="count"/> − 1; the first exception comes back as it was
    /// thrown.
    /// </summary>
    /// <param name="count">Number of blocks.</param>
    /// <param name="body">One block. No two blocks that run at once in one call have the same lane; the caller's is 0.</param>
    public void Run(int count, Action<int, int> body)
    {
        if (Count == 1 || count <= 1 || _isStopped || Interlocked.CompareExchange(ref _isShared, 1, 0) != 0)
        {
            for (int block = 0; block < count; block++)
            {
                body(block, 0);
            }

            return;
        }

        Wake();
        (_body, _count, _failure) = (body, count, null);
        for (int lane = 0; lane < Count; lane++)
        {
            Next(lane) = First(lane);
        }

        Interlocked.Exchange(ref _state, Open);
        Wake();
        Work(body, 0);
        Interlocked.And(ref _state, ~Open);
        var wait = default(SpinWait);
        while (Volatile.Read(ref _state) != 0)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }

        ExceptionDispatchInfo? failure = _failure;
        (_body, _failure) = (null, null);
        Volatile.Write(ref _isShared, 0);
        failure?.Throw();
    }

    void IBlockRunner.Run(int count, long work, Action<int, int> body) => Blocks.Run(this, count, work, body);

    /// <summary>Calls the threads that sleep: shared work is about to come.</summary>
    public void Wake()
    {
        if (_threads is null && Count > 1)
        {
            Start();
        }

        if (Volatile.Read(ref _asleep) > 0 && Interlocked.Exchange(ref _asleep, 0) is > 0 and int asleep)
        {
            _wake.Release(asleep);
        }
    }

    /// <summary>Ends the threads; work that comes later is done by its caller alone.</summary>
    public void Dispose()
    {
        _isStopped = true;
        if (_threads is not null)
        {
            // One for each, whether it sleeps or is about to.
            _wake.Release(_threads.Length);
        }
    }

    private void Start()
    {
        var threads = new Thread[Count - 1];
        if (Interlocked.CompareExchange(ref _threads, threads, null) is not null)
        {
            return;
        }

        for (int j = 0; j < threads.Length; j++)
        {
            int lane = j + 1;
            threads[j] = new Thread(() => Serve(lane)) { IsBackground = true, Name = "FisherKernels" };
            threads[j].Start();
        }
    }

    private void Serve(int lane)
    {
        long idleSince = Stopwatch.GetTimestamp();
        var wait = default(SpinWait);
        while (!_isStopped)
        {
            if (Enter(lane))
            {
                // Read only while inside: the caller does not begin anything else before all are out.
                Work(_body!, lane);
                Interlocked.Decrement(ref _state);
                idleSince = Stopwatch.GetTimestamp();
                wait.Reset();
            }
            else if (Stopwatch.GetTimestamp() - idleSince < LookingFor)
            {
                // Gives way to threads that have work: whoever is kept from a block that it began is waited for.
                wait.SpinOnce(sleep1Threshold: -1);
            }
            else
            {
                Sleep();
                idleSince = Stopwatch.GetTimestamp();
            }
        }
    }

    // Into work that is open and has blocks left.
    private bool Enter(int lane)
    {
        int state = Volatile.Read(ref _state);
        return (state & Open) != 0 && HasLeft(lane)
            && Interlocked.CompareExchange(ref _state, state + 1, state) == state;
    }

    // Whoever sets the number of sleepers to zero owes each of them one release.
    private void Sleep()
    {
        Interlocked.Increment(ref _asleep);
        if ((Volatile.Read(ref _state) & Open) != 0 || _isStopped)
        {
            Wake();
        }

        _wake.Wait();
    }

    // The own blocks, then what is left of the next lane's, and so on.
    private void Work(Action<int, int> body, int lane)
    {
        for (int offset = 0, of = lane; offset < Count; offset++, of = of + 1 == Count ? 0 : of + 1)
        {
            int end = First(of + 1), block;
            while (Volatile.Read(ref Next(of)) < end && (block = Interlocked.Increment(ref Next(of)) - 1) < end)
            {
                try
                {
                    body(block, lane);
                }
                catch (Exception exception)
                {
                    // Not swallowed: thrown again at the caller, who gets the first. The blocks not yet begun are left.
                    Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
                    for (int other = 0; other < Count; other++)
                    {
                        Volatile.Write(ref Next(other), _count);
                    }
                }
            }
        }
    }

    private bool HasLeft(int lane)
    {
        for (int offset = 0, of = lane; offset < Count; offset++, of = of + 1 == Count ? 0 : of + 1)
        {
            if (Volatile.Read(ref Next(of)) < First(of + 1))
            {
                return true;
            }
        }

        return false;
    }

    private int First(int lane) => (int)((long)_count * lane / Count);

    private ref int Next(int lane) => ref _next[(lane + 1) * Apart];
}
