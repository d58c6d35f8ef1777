using System.Management.Automation;
using Landlock.Sandboxes.Running;

namespace LandlockPS;

/// <summary>Get-LandlockProcess: the sandboxes of this user that run.</summary>
[Cmdlet(VerbsCommon.Get, "LandlockProcess", DefaultParameterSetName = ById)]
[OutputType(typeof(RunningSandbox))]
public sealed class GetLandlockProcessCommand : RunningSandboxCommand
{
    private const string ById = "Id", ByName = "Name";

    /// <summary>What tells sandboxes apart, with wildcards.</summary>
    [Parameter(Position = 0, ParameterSetName = ById)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(LandlockProcessCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = ["*"];

    /// <summary>Names, with wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByName)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(LandlockProcessCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void EndProcessing() =>
        WriteObject(ParameterSetName == ById ? Matching(Id, static sandbox => sandbox.Id) : Matching(Name, static sandbox => sandbox.Name),
            enumerateCollection: true);
}
