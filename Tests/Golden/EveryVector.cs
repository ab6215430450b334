using System.Reflection;
using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace FisherKernels.Tests.Golden;

/// <summary>No vector lies there unread.</summary>
public class EveryVector
{
    [Test]
    public void Is_the_argument_of_a_test()
    {
        // As the framework builds them: what tests are given by attributes of any kind.
        HashSet<string> given =
        [
            .. from type in typeof(EveryVector).Assembly.GetTypes().Concat(typeof(GoldenCase).Assembly.GetTypes())
               from method in type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
               where method.GetParameters().Any(parameter => parameter is { Name: "name", ParameterType.FullName: "System.String" })
               from builder in method.GetCustomAttributes().OfType<ITestBuilder>()
               from test in builder.BuildFrom(new MethodWrapper(type, method), null)
               from text in test.Arguments.OfType<string>()
               select text,
        ];
        string[] folders = [.. Directory.EnumerateDirectories(GoldenCase.Vectors).Select(folder => Path.GetFileName(folder))];

        Assert.That(folders, Is.Not.Empty);
        Assert.That(folders.Except(given), Is.Empty, "golden vectors that no test is given: add them to a test of their kind");
    }
}
