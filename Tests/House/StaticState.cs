using System.CodeDom.Compiler;
using System.Reflection;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using NUnit.Framework;

namespace FisherKernels.Tests.House;

/// <summary>No static mutable state: two learners in one process never see each other.</summary>
public class StaticState
{
    // What a readonly field may not hold, because it changes behind it.
    private static readonly string[] Changing =
        ["System.Collections.Concurrent.", "System.Collections.Generic.", "System.Threading.", "System.Random", "System.Text.StringBuilder",
            "System.Lazy", "FisherKernels.Learning.SeededRandom"];

    // Devices come from assemblies that Kernels must not name, so that somebody has to say which there are, once for a process.
    // The list only grows and is replaced as a whole: no learner sees another by it.
    private const string Registry = "FisherKernels.Kernels.Backend._registry";

    [Test]
    public void Static_fields_are_constant(
        [Values("FisherKernels.Kernels", "FisherKernels.Gpu", "FisherKernels.Learning", "FisherKernels.Cli")] string assembly)
    {
        _ = (typeof(Backend), typeof(SeededRandom));
        IEnumerable<string> mutable =
            from type in Assembly.Load(assembly).GetTypes()
            where !MadeByCompiler(type)
            from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            where Mutable(field)
            select $"{type}.{field.Name}";
        Assert.That(mutable, Is.EqualTo(assembly == "FisherKernels.Kernels" ? [Registry] : Array.Empty<string>()));
    }

    private static bool Mutable(FieldInfo field)
    {
        if (field.IsLiteral)
        {
            return false;
        }

        Type type = field.FieldType.IsGenericType ? field.FieldType.GetGenericTypeDefinition() : field.FieldType;
        return !field.IsInitOnly
            || field.IsDefined(typeof(ThreadStaticAttribute))
            || !type.IsInterface && Changing.Any(name => type.FullName!.StartsWith(name, StringComparison.Ordinal));
    }

    // Cached delegates and the like: the compiler's names cannot be written in C#.
    private static bool MadeByCompiler(Type type) =>
        type.Name.StartsWith('<') || type.IsDefined(typeof(GeneratedCodeAttribute))
        || type.DeclaringType is not null && MadeByCompiler(type.DeclaringType);
}
