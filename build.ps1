<#
.SYNOPSIS
    Restores, builds, formats, tests, measures and packs, in the order given; stops at the first that fails.
.DESCRIPTION
    ./build.ps1                      restore, build, test
    ./build.ps1 test bench pack      any of restore, build, format, test, bench, pack, bundle
    bundle makes artifacts/bundle.tar.xz (55 MB), Tests and Bench for a Linux machine that needs no .NET: unpacked, `./run FOLDER`.
    Only the language and external commands: it also runs in a hosted engine that has no cmdlets (Tests/House).
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
        'bundle' {
            & dotnet publish "$PSScriptRoot/Tests" -c Release -r linux-x64 --self-contained -p:DebugType=none -o "$PSScriptRoot/artifacts/bundle"
            if ($LASTEXITCODE -eq 0) {
                & dotnet publish "$PSScriptRoot/Bench" -c Release -r linux-x64 --self-contained -p:DebugType=none -o "$PSScriptRoot/artifacts/bundle"
            }
            if ($LASTEXITCODE -eq 0) {
                & tar -cJf "$PSScriptRoot/artifacts/bundle.tar.xz" -C "$PSScriptRoot/artifacts" bundle
            }
        }
    }
    if ($LASTEXITCODE -ne 0) {
        throw "$target failed: the last command ended with exit code $LASTEXITCODE."
    }
}
