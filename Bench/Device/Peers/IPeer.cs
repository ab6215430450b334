namespace FisherKernels.Bench.Peers;

/// <summary>What a user would take instead of ours: does a piece of work when asked, on the same data, which it has in place.</summary>
internal interface IPeer : IDisposable
{
    /// <summary>As the page calls it.</summary>
    string Name { get; }

    /// <summary>Of everything that counts, threads included.</summary>
    string Version { get; }

    /// <summary>The process that does the work, where it is not this one.</summary>
    int? Process { get; }

    /// <summary>Whether it does this piece of work, one of <see cref="PeerWorks"/>.</summary>
    bool Has(string work);

    /// <summary>Does it once; milliseconds.</summary>
    double Run(string work);

    /// <summary>What the last piece of work computed: numbers of pairs, features, or the loss before a training step.</summary>
    double[] Answer();
}
