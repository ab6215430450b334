namespace FisherKernels.Storage;

/// <summary>Element types of a .npy file that can be read.</summary>
public enum NpyType
{
    /// <summary>bool, one byte.</summary>
    Bool,

    /// <summary>int8.</summary>
    Int8,

    /// <summary>uint8.</summary>
    UInt8,

    /// <summary>int16.</summary>
    Int16,

    /// <summary>uint16.</summary>
    UInt16,

    /// <summary>int32.</summary>
    Int32,

    /// <summary>uint32.</summary>
    UInt32,

    /// <summary>int64.</summary>
    Int64,

    /// <summary>uint64.</summary>
    UInt64,

    /// <summary>IEEE half precision.</summary>
    Float16,

    /// <summary>IEEE single precision.</summary>
    Float32,

    /// <summary>IEEE double precision.</summary>
    Float64,
}
