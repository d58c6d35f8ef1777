# What reads TOML is loaded beside whatever another module brings under the same names.
BeforeAll {
    . $PSScriptRoot/common.ps1
    $folder = $ModulePath
    $policy = "$TestDrive/p.toml"
    "[[ruleset]]`nhandled_access_fs = ['execute']" | Set-Content $policy

    # Another module's assembly of that name, in the default load context, that would break whoever took it for Tomlyn.
    $other = "$TestDrive/other"
    $null = New-Item -ItemType Directory $other
    function New-Assembly([string] $Name, [string] $Version) {
        $path = "$other/$Version"
        $null = New-Item -ItemType Directory $path
        pwsh -NoProfile -Command "
            `$null = [Reflection.Assembly]::LoadFrom(`"`$PSHOME/Microsoft.CodeAnalysis.CSharp.dll`")
            `$tree = [Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree]::ParseText(
                '[assembly: System.Reflection.AssemblyVersion(`"$Version`")] namespace Tomlyn.Parsing { public class TomlParser { } }')
            `$options = [Microsoft.CodeAnalysis.CSharp.CSharpCompilationOptions]::new([Microsoft.CodeAnalysis.OutputKind]::DynamicallyLinkedLibrary)
            `$runtime = [Microsoft.CodeAnalysis.MetadataReference]::CreateFromFile([object].Assembly.Location)
            `$made = [Microsoft.CodeAnalysis.CSharp.CSharpCompilation]::Create(
                '$Name', [Microsoft.CodeAnalysis.SyntaxTree[]] @(`$tree), [Microsoft.CodeAnalysis.MetadataReference[]] @(`$runtime), `$options)
            `$stream = [IO.File]::Create('$path/$Name.dll')
            if (-not `$made.Emit(`$stream).Success) { throw 'not made' }
            `$stream.Dispose()"
        "$path/$Name.dll"
    }
    $old = New-Assembly Tomlyn 0.19.0.0
    $new = New-Assembly Tomlyn 99.0.0.0

    function Invoke-Fresh([string] $Script) {
        pwsh -NoProfile -Command "
            `$ErrorActionPreference = 'Stop'
            function Load([string] `$Path) { [Reflection.Assembly]::LoadFrom(`$Path).GetName().Version.ToString() }
            function Read { (Import-LandlockPolicy '$policy').HandledFs }
            function Contexts([string] `$Name) { [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { `$_.GetName().Name -eq `$Name } |
                ForEach-Object { [Runtime.Loader.AssemblyLoadContext]::GetLoadContext(`$_).Name } | Sort-Object }
            $Script"
    }
}

Describe 'reading TOML beside another Tomlyn' {
    It 'works after another module has loaded an older or a newer one' {
        Invoke-Fresh "Load '$old'; Import-Module '$folder'; Read; Contexts Tomlyn" | Should -Be 0.19.0.0, Execute, Default, Landlock.Toml
        Invoke-Fresh "Load '$new'; Import-Module '$folder'; Read; Contexts Tomlyn" | Should -Be 99.0.0.0, Execute, Default, Landlock.Toml
    }

    It 'leaves another module its own, when that comes later' {
        Invoke-Fresh "Import-Module '$folder'; Read; Load '$old'; Read; Contexts Tomlyn" | Should -Be Execute, 0.19.0.0, Execute, Default, Landlock.Toml
        Invoke-Fresh "Import-Module '$folder'; Read; Load '$new'; [Tomlyn.Parsing.TomlParser].Assembly.GetName().Version.Major" | Should -Be Execute, 99.0.0.0, 99
    }

    It 'shows nothing of it to scripts' {
        Invoke-Fresh "Import-Module '$folder'; Read; `$null -eq ('Tomlyn.Parsing.TomlParser' -as [type])
            try { [Reflection.Assembly]::Load('Tomlyn') } catch { 'not found' }" | Should -Be Execute, True, 'not found'
    }

    It 'takes no part in what others ask for' {
        # Another version of us, in a load context of somebody's own, gets nothing of ours.
        Invoke-Fresh "Import-Module '$folder'; Read
            try { [Reflection.Assembly]::Load('Landlock.Toml, Version=0.0.1.0') } catch { 'not found' }" | Should -Be Execute, 'not found'
    }

    It 'is there twice, when the library is' {
        $copy = "$TestDrive/copy"
        Copy-Item -LiteralPath $folder -Destination $copy -Recurse
        Invoke-Fresh "Import-Module '$folder'; Read
            `$own = [Runtime.Loader.AssemblyLoadContext]::new('own')
            `$null = `$own.LoadFromAssemblyPath('$copy/Tomlyn.dll')
            `$null = `$own.LoadFromAssemblyPath('$copy/Landlock.Toml.dll')
            `$type = `$own.LoadFromAssemblyPath('$copy/Landlock.dll').GetType('Landlock.Documents.PolicyFile')
            `$type.GetMethod('Read').Invoke(`$null, @('$policy', `$null, `$null)).Rulesets.Fs.Words
            Read; Contexts Tomlyn" | Should -Be Execute, execute, Execute, Landlock.Toml, own
    }

    It 'is removed and imported again' {
        Invoke-Fresh "Import-Module '$folder'; Read; Remove-Module LandlockPS; Import-Module '$folder' -Force; Read; Contexts Tomlyn" | Should -Be Execute, Execute, Landlock.Toml
    }

    It 'works in another runspace, and in several at once' {
        Invoke-Fresh "1..6 | ForEach-Object -Parallel { Import-Module '$folder'; (Import-LandlockPolicy '$policy').HandledFs } -ThrottleLimit 6 | Select-Object -Unique" | Should -Be Execute
    }
}
