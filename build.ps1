<#
.SYNOPSIS
    Restores, builds, formats, tests, measures and packs, in the order given; stops at the first that fails.
.DESCRIPTION
    ./build.ps1                      restore, build, test
    ./build.ps1 test bench pack      any of restore, build, format, test, bench, pack, bundle
    bundle makes artifacts/cuda (24 MB): device tests, report and kernels for a Linux machine with a CUDA GPU and no .NET.
#>
param(
    [Parameter(ValueFromRemainingArguments = $true)]
    [ValidateSet('restore', 'build', 'format', 'test', 'bench', 'pack', 'bundle')]
    [string[]] $Targets = @('restore', 'build', 'test')
)

$solution = "$PSScriptRoot/FisherKernels.sln"

foreach ($target in $Targets) {
    "== $target"
    switch ($target) {
        'restore' { & dotnet restore $solution }
        'build' { & dotnet build $solution -c Release }
        'format' { & dotnet format $solution --verify-no-changes }
        'test' { & dotnet test --solution $solution -c Release }
        'bench' { & dotnet run -c Release --project "$PSScriptRoot/Bench" -- micro }
        'pack' { & dotnet pack "$PSScriptRoot/Managed/Cli" -c Release -o "$PSScriptRoot/artifacts" }
        'bundle' { & dotnet msbuild "$PSScriptRoot/Bench/Bundle/Bundle.proj" -nologo }
    }
    if ($LASTEXITCODE -ne 0) {
        throw "$target failed: the last command ended with exit code $LASTEXITCODE."
    }
}
