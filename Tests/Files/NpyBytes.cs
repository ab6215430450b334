using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace FisherKernels.Tests.Files;

/// <summary>.npy files put together by hand, right ones and wrong ones.</summary>
internal static class NpyBytes
{
    public static byte[] File(int version, string dictionary, byte[] data)
    {
        byte[] text = Encoding.UTF8.GetBytes(dictionary + "\n"), length = new byte[version == 1 ? 2 : 4];
        if (version == 1)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)text.Length);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        }

        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. text, .. data];
    }

    public static byte[] File(string descr, string shape, byte[] data, string fortran = "False", int version = 1) =>
        File(version, $"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}", data);

    public static byte[] Of<T>(params T[] numbers)
        where T : unmanaged => MemoryMarshal.AsBytes<T>(numbers).ToArray();
}
