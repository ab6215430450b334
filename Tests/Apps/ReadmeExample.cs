using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using FisherKernels.Tests.House;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>The example of the README, built and run as it stands there.</summary>
public class ReadmeExample
{
    [Test]
    public void It_builds_runs_and_learns()
    {
        string root = Repository.Root;
        string page = File.ReadAllText(Path.Combine(root, "README.md"));
        string code = Regex.Match(page, "```csharp\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        Assert.That(code, Is.Not.Empty);
        using var fisher = new Fisher();
        File.WriteAllText(fisher.PathOf("Program.cs"), code);
        File.WriteAllText(fisher.PathOf("Example.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="{Path.Combine(root, "Managed", "Storage", "Storage.csproj")}" />
              </ItemGroup>
            </Project>
            """);

        using var run = Process.Start(new ProcessStartInfo("dotnet", ["run", "-c", "Release"])
        {
            WorkingDirectory = fisher.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = run.StandardError.ReadToEndAsync();
        string said = run.StandardOutput.ReadToEnd();
        run.WaitForExit();

        Assert.That(run.ExitCode, Is.Zero, said + errors.Result);
        double[] correlations = [.. Regex.Matches(said, @"rank correlation (-?[0-9.]+)")
            .Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.That(correlations, Has.Length.EqualTo(6), said);
        Assert.That(correlations[^1], Is.GreaterThan(correlations[0]).And.GreaterThan(0.5), said);
        Assert.That(File.Exists(fisher.PathOf("reward.safetensors")));
    }
}
